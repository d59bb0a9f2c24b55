import Console
import Files

/// What `train diversity` measured: a row for each sample of languages.
struct DiversityReport {
    struct Row {
        let languages: [String]
        let diversity: Double
        let similarity: Double
        /// Which bin a drawn sample came from, and how many draws the bin had.
        var bin: (from: Double, upTo: Double, draws: Int)?
    }

    let path: String
    let features: Int
    let test: [String]
    let rows: [Row]

    var text: String {
        let drawn = rows.contains { $0.bin != nil }
        var columns: [ResultTable.Column] = [.init("languages", title: "language sample")]
        columns.append(.init("d_typ", .decimal(places: 4)))
        columns.append(.init("similarity", .decimal(places: 4)))
        if drawn {
            columns.append(.init("from", title: "bin from", .decimal(places: 4)))
            columns.append(.init("to", .decimal(places: 4)))
            columns.append(.init("draws", .integer))
        }
        var table = ResultTable(columns: columns)
        for row in rows {
            var cells: [JSONValue] = [
                .text(row.languages.joined(separator: " ")), .number(row.diversity), .number(row.similarity),
            ]
            if drawn {
                cells +=
                    row.bin.map { [.number($0.from), .number($0.upTo), .integer($0.draws)] } ?? [.null, .null, .null]
            }
            table.append(cells)
        }
        return table.shown + "\n\(features) features of \(path); similarity to \(test.joined(separator: " "))\n"
    }

    var json: JSONValue {
        [
            "typology": .text(path), "features": .integer(features), "test": .array(test.map { .text($0) }),
            "samples": .array(
                rows.map { row in
                    var members: [JSONValue.Member] = [
                        .init(key: "languages", value: .array(row.languages.map { .text($0) })),
                        .init(key: "d_typ", value: .number(row.diversity)),
                        .init(key: "similarity", value: .number(row.similarity)),
                    ]
                    if let bin = row.bin {
                        members.append(.init(key: "from", value: .number(bin.from)))
                        members.append(.init(key: "to", value: .number(bin.upTo)))
                        members.append(.init(key: "draws", value: .integer(bin.draws)))
                    }
                    return .object(members)
                }),
        ]
    }
}
