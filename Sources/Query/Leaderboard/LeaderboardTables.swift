import Console
import Evaluation
import Files
import Lookup

/// The leaderboard on a terminal: a table for each task and data set. What is the same in all its rows is said once,
/// above it.
struct LeaderboardTables {
    let board: Leaderboard
    let selection: StoredSelection
    let notes: LeaderboardNotes

    /// - Parameter width: columns of the terminal; a wider table goes on below.
    func text(width: Int) -> String {
        var first = 0
        return board.groups.map { group in
            defer { first += group.count }
            let table = table(
                group, comparisons: notes.comparisons[first..<(first + group.count)],
                reasons: notes.selections[first..<(first + group.count)])
            return Self.heading(group) + "\n\n" + table.folded(width: width, leading: 1) + "\n"
        }.joined()
    }

    /// What may differ from row to row and mostly does not.
    private enum Common: CaseIterable {
        case pairs, queries, coverage, layers, lastLayer

        func cell(_ entry: Leaderboard.Entry) -> JSONValue {
            switch self {
            case .pairs: .integer(entry.best.pairs)
            case .queries: .integer(entry.queries)
            // Of dictionaries' rows; other tasks have none.
            case .coverage: entry.best.means["coverage"].map(JSONValue.number) ?? .null
            case .layers: .integer(entry.candidates)
            case .lastLayer: entry.last.map { .integer($0.layer) } ?? .null
            }
        }

        var column: ResultTable.Column {
            switch self {
            case .pairs: .init("pairs", .integer)
            case .queries: .init("queries", .integer)
            case .coverage: .init("coverage", .decimal(places: 4))
            case .layers: .init("layers", title: "of", .integer)
            case .lastLayer: .init("last_layer", title: "last layer", .integer)
            }
        }

        /// As the heading says it; nil where there is nothing to say.
        func phrase(_ cell: JSONValue) -> String? {
            switch (self, cell) {
            case (.pairs, .integer(let count)): Quantity.counted(count, "pair")
            case (.queries, .integer(let count)): Quantity.counted(count, "query", "queries")
            case (.coverage, .number(let share)): "coverage \(Quantity.fixed(share, places: 4))"
            case (.layers, .integer(let count)): count == 1 ? "1 layer" : "best of \(count) layers"
            case (.lastLayer, .integer(let layer)): "last layer \(layer)"
            default: nil
            }
        }

        func isTheSame(in group: [Leaderboard.Entry]) -> Bool { Set(group.map { cell($0).line }).count == 1 }
    }

    private static func heading(_ group: [Leaderboard.Entry]) -> String {
        let said = Common.allCases.filter { $0.isTheSame(in: group) }.compactMap { $0.phrase($0.cell(group[0])) }
        let names = [group[0].schema.task, group[0].dataset, group[0].schema.headline]
        return [names, said].map { DisplayWidth.printable($0.joined(separator: " · ")) }.joined(separator: "\n")
    }

    private func table(
        _ group: [Leaderboard.Entry], comparisons: ArraySlice<Int?>, reasons: ArraySlice<Int?>
    ) -> ResultTable {
        let differing = Common.allCases.filter { !$0.isTheSame(in: group) }
        let isMarked = comparisons.contains { $0 != nil }
        var table = ResultTable(
            columns: [
                .init("checkpoint"), .init("layer", .integer), .init("score", .decimal(places: 4)),
                .init("selected", title: selection == .half ? "halves" : "others", .decimal(places: 4)),
                .init("interval", title: "95 % queries"), .init("interval_pairs", title: "95 % pairs"),
                .init("last_score", title: "last", .decimal(places: 4)),
            ] + (isMarked ? [.init("comparable", title: "note")] : []) + differing.map(\.column))
        for ((entry, note), reason) in zip(zip(group, comparisons), reasons) {
            table.append(
                [
                    .text(entry.checkpoint), entry.best.cell, .number(entry.score),
                    reason.map { .text("[\($0)]") } ?? entry.selected(on: selection).scores?.mean.map(JSONValue.number)
                        ?? .null,
                    ConfidenceInterval.cell(entry.interval?.overQueries),
                    ConfidenceInterval.cell(entry.interval?.overPairs),
                    entry.last?.means[entry.schema.headline].map(JSONValue.number) ?? .null,
                ] + (isMarked ? [.text(note.map { "[\($0)]" } ?? "")] : []) + differing.map { $0.cell(entry) })
        }
        return table
    }

    /// What the columns mean that could be misread.
    var about: String {
        let chosen =
            selection == .half
            ? "halves: each half of the queries at the layer that is best on the other half"
            : "others: each pair at the layer that is best on all other pairs"
        return """
            layer: the best on the very pairs it is scored on, which flatters; intervals
            leave that choice out
            \(chosen)
            last: the last layer's score
            coverage: share of a dictionary's rows that are queries

            """
    }
}
