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
            Scores are means over pairs: MRR for bli, Spearman's ρ for xlsim, accuracy for tatoeba, with 95 % \
            intervals over queries and over pairs, the number of queries and, of dictionaries, the share of rows that \
            are queries. Rows of a data set that were asked other questions (other pairs, dictionaries, vocabularies \
            or --top, told by fingerprint) are marked as not comparable and stand last; below the tables it says why. \
            A layer chosen on the very pairs it is scored on flatters every checkpoint; the score of layers chosen on \
            other pairs and the last layer's stand beside it; with --select-on half that of layers chosen on one half \
            of the queries and scored on the other, for which the dictionaries named in the results are read again. \
            What is the same in all rows of a data set stands above \
            its table, which goes on below where a terminal is too narrow.

            Example: query leaderboard --store indexes
            """)

    @OptionGroup var selection: StoredSelectionOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try Store.open(store.store, mode: .read)
        let basis = selection.selectOn
        let board = try Store.onFreshSnapshot {
            try Leaderboard(store, selectOn: basis, threads: ThreadCount.of(nil))
        }
        guard !board.entries.isEmpty else {
            throw QueryError.noResults(folder: store.folder, omissions: board.omissions)
        }
        if output.json {
            try ResultStream.standardOutput.write(LeaderboardRows(board, selection: basis).table.jsonLines)
        } else {
            let stream = ResultStream.standardOutput, notes = LeaderboardNotes(board.entries, selection: basis)
            let tables = LeaderboardTables(board: board, selection: basis, notes: notes)
            try stream.write(report: tables.text(width: stream.width))
            try stream.write(report: tables.about)
            for text in notes.texts { try stream.write(report: DisplayWidth.printable(text) + "\n") }
        }
        for omission in board.omissions { output.remark(omission) }
    }
}

/// What layers are chosen on, beside the pairs they are scored on.
struct StoredSelectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Beside each best layer's score, that of layers chosen on other pairs, or on half of the queries and "
                + "scored on the other half.", valueName: "basis"))
    var selectOn: StoredSelection = .otherPairs
}

extension StoredSelection: ExpressibleByArgument {}

extension Leaderboard.Entry {
    /// Scores at layers chosen on this basis, or why there are none.
    func selected(on basis: StoredSelection) -> (scores: SelectedScores?, reason: String?) {
        switch basis {
        case .otherPairs: (otherPairs, noOtherPairs)
        case .half: (halves, noHalves)
        }
    }
}

extension Leaderboard {
    /// What it does not say and why, one sentence each.
    var omissions: [String] {
        guard withoutRanks > 0 else { return selection.omissions }
        return selection.omissions + [
            "\(Quantity.counted(withoutRanks, "result has", "results have")) no interval, because "
                + "ranks were not kept; the same evaluation computes them again"
        ]
    }
}

extension StoredResults.Selection {
    /// What was left out and why, one sentence each.
    var omissions: [String] {
        func text(_ count: Int, _ reason: String) -> String? {
            count == 0 ? nil : "\(Quantity.counted(count, "result")) \(reason)"
        }
        let incomplete = self.incomplete
        return [
            text(
                incomplete.results,
                "of an earlier version lack \(incomplete.values.joined(separator: ", ")); the same evaluation computes "
                    + "them again"),
            text(outdated, "of weights that have been replaced are left out"),
            text(superseded, "computed by an earlier version are left out; the same evaluation computes them again"),
        ].compactMap { $0 }
    }
}
