import ArgumentParser
import Console
import Files
import Lookup
import Store

/// `query leaderboard`
struct LeaderboardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leaderboard",
        abstract: "Stored results: every checkpoint's best layer and mean score, per task and data set.",
        discussion: """
            Scores are means over pairs: MRR for bli, Spearman's ρ for xlsim, accuracy for tatoeba. A layer chosen on \
            the very pairs it is scored on flatters every checkpoint; the last layer's score stands beside it.

            Example: query leaderboard --store indexes
            """)

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try Store.open(store.store, mode: .read)
        let selection = try StoredResults.select(store)
        let board = Leaderboard(selection.current)
        guard !board.entries.isEmpty else {
            throw QueryError.noResults(folder: store.folder, omissions: selection.omissions)
        }
        var table = ResultTable(columns: [
            .init("task"), .init("dataset"), .init("checkpoint"), .init("measure"), .init("pairs", .integer),
            .init("layer", title: "best layer", .integer), .init("score", .decimal(places: 4)),
            .init("last_layer", title: "last layer", .integer),
            .init("last_score", title: "score", .decimal(places: 4)),
        ])
        for entry in board.entries {
            // Not a mean: the last block's output.
            let last = entry.means.layers.last { $0.mean == nil }
            table.append([
                .text(entry.schema.task), .text(entry.dataset), .text(entry.checkpoint), .text(entry.schema.headline),
                .integer(entry.best.pairs), entry.best.cell, .number(entry.score),
                last.map { .integer($0.layer) } ?? .null,
                last?.means[entry.schema.headline].map(JSONValue.number) ?? .null,
            ])
        }
        try ResultStream.standardOutput.write(output.json ? table.jsonLines : table.aligned)
        for omission in selection.omissions { output.remark(omission) }
    }
}

extension StoredResults.Selection {
    /// What was left out and why, one sentence each.
    var omissions: [String] {
        func text(_ count: Int, _ reason: String) -> String? {
            count == 0 ? nil : "\(Quantity.grouped(count)) result\(count == 1 ? "" : "s") \(reason)"
        }
        return [
            text(outdated, "of weights that have been replaced are left out"),
            text(superseded, "computed by an earlier version are left out; the same evaluation computes them again"),
        ].compactMap { $0 }
    }
}
