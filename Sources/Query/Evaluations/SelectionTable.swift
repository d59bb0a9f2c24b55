import Console
import Files
import Lookup

/// Scores at layers chosen without the queries they are over, for people: below an evaluation's means.
struct SelectionTable {
    let schema: ResultSchema
    let scores: SelectedScores
    let means: LayerMeans

    var text: String {
        var table = ResultTable(columns: [
            .init("pair"), .init("layer"), .init(schema.headline, .decimal(places: 4)),
        ])
        for pair in scores.pairs {
            table.append([
                .text(pair.name), .text(pair.layers.joined(separator: ", ")),
                pair.score.map { .number($0) } ?? .null,
            ])
        }
        table.append([.text("mean"), .text(""), scores.mean.map { .number($0) } ?? .null])
        let paper = means.best.flatMap { best in
            best.means[schema.headline].map {
                "; layer \(best.name), the best on the scored pairs: \(Quantity.fixed($0, places: 4))"
            }
        }
        return "layer chosen on \(scores.basis.rawValue)\(paper ?? "")\n\n" + table.shown
    }
}

/// The same for programs: further columns of rows that a task's own tables have.
struct SelectionColumns {
    let schema: ResultSchema
    let basis: SelectionBasis
    let selected: [SelectedScores]

    /// - Parameter table: of pairs or of means, with the columns `checkpoint`, `dataset` and, of pairs, `pair`.
    func added(to table: ResultTable) -> ResultTable {
        var wider = ResultTable(
            columns: table.columns + [
                .init("selected_on"), .init("selected_layers"),
                .init("\(schema.headline)_selected", .decimal(places: 4)),
            ])
        func column(_ key: String) -> Int? { table.columns.firstIndex { $0.key == key } }
        let (checkpoint, dataset, pair) = (column("checkpoint"), column("dataset"), column("pair"))
        for row in table.rows {
            let scores = selected.first {
                row[checkpoint ?? 0] == .text($0.checkpoint) && row[dataset ?? 0] == .text($0.dataset)
            }
            let own = pair.flatMap { place in scores?.pairs.first { row[place] == .text($0.name) } }
            let (layers, score) = pair == nil ? (scores?.layers, scores?.mean) : (own?.layers, own?.score)
            wider.append(
                row + [
                    .text(basis.rawValue), layers.map { .array($0.map { .text($0) }) } ?? .null,
                    score.map { .number($0) } ?? .null,
                ])
        }
        return wider
    }
}
