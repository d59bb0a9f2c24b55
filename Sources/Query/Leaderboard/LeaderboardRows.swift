import Console
import Evaluation
import Files
import Lookup

/// The leaderboard for programs (JSON) and for people (the terminal's table and the report's), with what marks the rows
/// whose scores cannot be compared.
struct LeaderboardRows {
    let board: Leaderboard

    init(_ board: Leaderboard) { self.board = board }

    /// One row an entry, with everything.
    var full: ResultTable {
        var table = ResultTable(
            columns: [
                .init("task"), .init("dataset"), .init("checkpoint"), .init("measure"), .init("pairs", .integer),
                .init("layer", .integer), .init("score", .decimal(places: 4)), .init("last_layer", .integer),
                .init("last_score", .decimal(places: 4)), .init("queries", .integer),
                .init("coverage", .decimal(places: 4)),
            ] + ConfidenceInterval.columns("score") + ConfidenceInterval.columns("score", level: "_pairs") + [
                .init("layers", .integer), .init("selected_on"), .init("questions"), .init("comparable"),
                .init("reference"), .init("differences"), .init("score_other_pairs", .decimal(places: 4)),
                .init("layers_other_pairs"),
            ])
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
                .array(entry.differences.map(JSONValue.text)), Self.otherPairs(entry),
                entry.otherPairs.map { .array($0.layers.map(JSONValue.text)) } ?? .null,
            ]
            table.append(row)
        }
        return table
    }

    /// What fits a terminal, rows that are not comparable marked with the number of their note.
    var shown: ResultTable {
        let notes = numberedNotes
        var table = ResultTable(
            columns: [
                .init("task"), .init("dataset"), .init("checkpoint"), .init("measure"), .init("pairs", .integer),
                .init("queries", .integer), .init("coverage", .decimal(places: 4)),
                .init("layer", title: "best layer", .integer), .init("layers", title: "of", .integer),
                .init("score", .decimal(places: 4)),
                .init("score_other_pairs", title: "on others", .decimal(places: 4)),
                .init("interval", title: "95 % queries"),
                .init("interval_pairs", title: "95 % pairs"), .init("last_layer", title: "last layer", .integer),
                .init("last_score", title: "score", .decimal(places: 4)), .init("comparable", title: ""),
            ])
        for (entry, note) in zip(board.entries, notes) {
            let last = entry.last
            table.append([
                .text(entry.schema.task), .text(entry.dataset), .text(entry.checkpoint), .text(entry.schema.headline),
                .integer(entry.best.pairs), .integer(entry.queries), Self.coverage(entry), entry.best.cell,
                .integer(entry.candidates), .number(entry.score), Self.otherPairs(entry),
                ConfidenceInterval.cell(entry.interval?.overQueries),
                ConfidenceInterval.cell(entry.interval?.overPairs), last.map { .integer($0.layer) } ?? .null,
                last?.means[entry.schema.headline].map(JSONValue.number) ?? .null,
                .text(note.map { "not comparable [\($0.number)]" } ?? ""),
            ])
        }
        return table
    }

    /// One for each entry; nil for those that are comparable.
    private var numberedNotes: [(number: Int, text: String)?] {
        var number = 0
        return board.entries.map { entry in
            guard !entry.isComparable else { return nil }
            number += 1
            return (
                number,
                "[\(number)] \(entry.schema.task) \(entry.dataset): \(entry.checkpoint) was asked other questions than "
                    + "\(entry.reference): \(entry.differences.joined(separator: "; "))"
            )
        }
    }

    /// Why marked rows are not comparable, one sentence each, in the order of their numbers.
    var notes: [String] { numberedNotes.compactMap { $0?.text } }

    /// What the columns mean that could be misread.
    static let about =
        "best layer: of so many, the best on the very pairs it is scored on, which flatters; intervals leave that "
        + "choice out. On others: each pair at the layer that is best on all other pairs. Coverage: share of a "
        + "dictionary's rows that are queries."

    private static func otherPairs(_ entry: Leaderboard.Entry) -> JSONValue {
        entry.otherPairs?.mean.map(JSONValue.number) ?? .null
    }

    /// Of dictionaries' rows, on average over pairs; other tasks have none.
    private static func coverage(_ entry: Leaderboard.Entry) -> JSONValue {
        entry.best.means["coverage"].map(JSONValue.number) ?? .null
    }
}
