import Evaluation
import Store

/// Where the hub counts of a few words come from.
package enum HubCounting: String, CaseIterable, Sendable {
    /// From the store where `query hubs` has kept them, else from the vectors.
    case count
    /// From the store alone.
    case stored
}

/// How many words of one language have a word of another among their nearest: the numbers of `query hubs`, of a few
/// words.
struct HubCounts {
    private let checkpoint: StoredCheckpoint
    private let source: CollectionRecord
    private let target: CollectionRecord
    private let counting: HubCounting
    private let threads: Int

    let scope = HubnessScope()

    init(
        _ checkpoint: StoredCheckpoint, source: CollectionRecord, target: CollectionRecord, counting: HubCounting,
        threads: Int
    ) {
        (self.checkpoint, self.source, self.target) = (checkpoint, source, target)
        (self.counting, self.threads) = (counting, threads)
    }

    /// Words that ask, and words among which they do.
    var queries: Int { min(source.rows, scope.words) }
    var candidates: Int { min(target.rows, scope.words) }

    /// - Parameters:
    ///   - rows: of the target vocabulary; those beyond the words that take part are not counted.
    ///   - views: the source's and the target's.
    /// - Returns: row → source words that have it among their nearest; nil where it is not known.
    /// - Throws: `EvaluationError`, what reading throws.
    func occurrences(of rows: [Int], views: [LayerView]) throws -> [Int: Int]? {
        let chosen = Set(rows).filter { $0 < candidates }.sorted()
        if let stored = try stored(views) {
            return Dictionary(uniqueKeysWithValues: chosen.map { ($0, stored[$0]) })
        }
        guard counting == .count else { return nil }
        let counted = try NeighbourOccurrences.counts(
            of: chosen, scope.k, queries: FirstRows(scope.words, of: try checkpoint.rows(of: views[0])),
            candidates: FirstRows(scope.words, of: try checkpoint.rows(of: views[1])), threads: threads)
        return Dictionary(uniqueKeysWithValues: zip(chosen, counted))
    }

    /// What `query hubs` has kept of this very pair of layer files; nil where there is none that can be read.
    private func stored(_ views: [LayerView]) throws -> [Int]? {
        let key = scope.key(checkpoint.name, source, target, views: views)
        do {
            let store = checkpoint.store
            guard let record = try store.result(fingerprint: key.fingerprint, task: ResultSchema.hubs.task),
                record.checksum != nil, let counts = try store.outcomes(of: record)?.occurrences().counts,
                counts.count == candidates
            else { return nil }
            return counts
        } catch StoreError.damagedResult {
            // `query hubs` says so and computes it again; here the vectors are as good.
            return nil
        } catch EvaluationError.damagedOutcomes {
            return nil
        }
    }

    /// The command that keeps them.
    var advice: String {
        "query hubs --from \(source.title) --to \(target.title) --checkpoint "
            + "\(EvaluationAdvice.quoted(checkpoint.name)) --layers all"
    }
}
