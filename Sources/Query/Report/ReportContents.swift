import Diagnostics
import Lookup
import Store

/// All the report tells of a store. Results are of one state; a comparison, which reads the ranks behind them, is of
/// the state it meets.
struct ReportContents {
    /// Sorted by name.
    let checkpoints: [CheckpointRecord]
    let selection: StoredResults.Selection
    let board: Leaderboard
    /// What layers are chosen on beside the pairs they are scored on.
    let basis: StoredSelection
    /// Data set → comparisons of any two of its checkpoints.
    let comparisons: [String: [CheckpointComparison]]
    /// What the comparisons do not say, and why some are missing; by data set.
    let remarks: [String: [String]]

    /// Hub counts of the checkpoints as they are stored now, sorted by data set.
    var hubs: [ResultRecord] { selection.current.filter { $0.task == ResultSchema.hubs.task } }

    /// Checkpoints of a data set of which any two are compared: beyond, each is compared with the first.
    static let mostCompared = 8

    /// - Throws: `StoreError`, `EvaluationError`; `QueryError.noResults`.
    init(_ store: Store, selectOn basis: StoredSelection, threads: Int) throws {
        self.basis = basis
        board = try Leaderboard(store, intervalsAtEveryLayer: true, selectOn: basis, threads: threads)
        selection = board.selection
        checkpoints = try store.checkpoints()
        // Hub counts are results, too, though no scores.
        guard !selection.current.isEmpty else {
            throw QueryError.noResults(folder: store.folder, omissions: board.omissions)
        }
        var comparisons: [String: [CheckpointComparison]] = [:], remarks: [String: [String]] = [:]
        for group in board.groups where group.first?.schema.task == ResultSchema.bli.task {
            guard let dataset = group.first?.dataset else { continue }
            let names = group.map(\.checkpoint)
            if names.count > Self.mostCompared {
                remarks[dataset, default: []].append(
                    "of \(names.count) checkpoints each is compared with \(names[names.count - 1]) alone; "
                        + "query compare compares any")
            }
            for (first, second) in Self.pairs(names) {
                do {
                    let outcome = try CheckpointComparisonTask.perform(
                        store, .init(checkpoints: [first, second], datasets: [dataset], threads: threads))
                    comparisons[dataset, default: []] += outcome.comparisons
                    remarks[dataset, default: []] += outcome.remarks
                } catch let error as LookupError {
                    remarks[dataset, default: []].append(
                        "\(second) is not compared with \(first): \(error.description)")
                }
            }
        }
        (self.comparisons, self.remarks) = (comparisons, remarks)
    }

    /// The one with the lower score first, so that what is shown is a gain.
    /// - Parameter names: highest score first.
    private static func pairs(_ names: [String]) -> [(first: String, second: String)] {
        if names.count > mostCompared {
            return names.dropLast().map { (names[names.count - 1], $0) }
        }
        return names.indices.flatMap { better in
            names[(better + 1)...].reversed().map { (first: $0, second: names[better]) }
        }
    }
}
