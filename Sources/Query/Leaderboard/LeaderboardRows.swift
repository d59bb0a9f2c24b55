import Console
import Evaluation
import Files
import Lookup

/// The leaderboard for programs: one row an entry, with everything.
struct LeaderboardRows {
    private let board: Leaderboard
    private let basis: StoredSelection

    init(_ board: Leaderboard, selection basis: StoredSelection) { (self.board, self.basis) = (board, basis) }

    var table: ResultTable {
        var table = ResultTable(
            columns: [
                .init("task"), .init("dataset"), .init("checkpoint"), .init("measure"), .init("pairs", .integer),
                .init("layer", .integer), .init("score", .decimal(places: 4)), .init("last_layer", .integer),
                .init("last_score", .decimal(places: 4)), .init("queries", .integer),
                .init("coverage", .decimal(places: 4)),
            ] + ConfidenceInterval.columns("score") + ConfidenceInterval.columns("score", level: "_pairs") + [
                .init("layers", .integer), .init("selected_on"), .init("questions"), .init("comparable"),
                .init("reference"), .init("differences"), .init("score_other_pairs", .decimal(places: 4)),
                .init("layers_other_pairs"), .init("no_other_pairs"),
            ]
                + (basis == .half
                    ? [.init("score_half", .decimal(places: 4)), .init("layers_half"), .init("no_half")] : []))
        for entry in board.entries {
            let last = entry.last
            var row: [JSONValue] = [
                .text(entry.schema.task), .text(entry.dataset), .text(entry.checkpoint), .text(entry.schema.headline),
                .integer(entry.best.pairs), entry.best.cell, .number(entry.score),
                last.map { .integer($0.layer) } ?? .null,
                last?.means[entry.schema.headline].map(JSONValue.number) ?? .null, .integer(entry.queries),
                Self.coverage(entry),
            ]
            row += ConfidenceInterval.bounds(entry.interval?.overQueries)
            row += ConfidenceInterval.bounds(entry.interval?.overPairs)
            row += [
                .integer(entry.candidates), entry.candidates > 1 ? .text("scored-pairs") : .null,
                .text(entry.questions.fingerprint.hex), .boolean(entry.isComparable), .text(entry.reference),
                .array(entry.differences.map(JSONValue.text)),
            ]
            row += Self.selected(entry, on: .otherPairs)
            if basis == .half { row += Self.selected(entry, on: .half) }
            table.append(row)
        }
        return table
    }

    /// The score, its layers, or why there is none.
    private static func selected(_ entry: Leaderboard.Entry, on basis: StoredSelection) -> [JSONValue] {
        let (scores, reason) = entry.selected(on: basis)
        return [
            scores?.mean.map(JSONValue.number) ?? .null,
            scores.map { .array($0.layers.map(JSONValue.text)) } ?? .null, reason.map(JSONValue.text) ?? .null,
        ]
    }

    /// Of dictionaries' rows, on average over pairs; other tasks have none.
    private static func coverage(_ entry: Leaderboard.Entry) -> JSONValue {
        entry.best.means["coverage"].map(JSONValue.number) ?? .null
    }
}
