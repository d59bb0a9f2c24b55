import Evaluation
import Store

/// Compares checkpoints with the first of them on what `bli` has kept of each; nothing is computed from vectors.
package struct CheckpointComparisonTask {
    package struct Settings: Sendable {
        /// The first is what the others are compared with; at least two, each once.
        package var checkpoints: [String]
        /// Names of data sets; empty for all.
        package var datasets: [String]
        /// Pairs of languages; empty for all.
        package var pairs: [String]
        package var layer: ComparedLayer
        package var seed: UInt64
        package var threads: Int

        package init(
            checkpoints: [String], datasets: [String] = [], pairs: [String] = [], layer: ComparedLayer = .best,
            seed: UInt64 = 1, threads: Int
        ) {
            (self.checkpoints, self.datasets, self.pairs) = (checkpoints, datasets, pairs)
            (self.layer, self.seed, self.threads) = (layer, seed, threads)
        }
    }

    package struct Outcome: Sendable {
        /// By data set, then in the order of the checkpoints.
        package var comparisons: [CheckpointComparison] = []
        /// What the numbers do not say, one sentence each.
        package var remarks: [String] = []
        /// Of the whole store, for what is left out of it.
        package let selection: StoredResults.Selection
    }

    private let store: Store
    private let settings: Settings
    private let sides: [ComparableResults]

    /// - Throws: `StoreError.unknownCheckpoint`, `LookupError.emptyStore`.
    package static func perform(_ store: Store, _ settings: Settings) throws -> Outcome {
        try CheckpointComparisonTask(store, settings).outcome()
    }

    private init(_ store: Store, _ settings: Settings) throws {
        self.store = store
        self.settings = settings
        sides = try CheckpointChoice.several(settings.checkpoints, in: store, results: true).map(ComparableResults.init)
        precondition(sides.count >= 2, "one checkpoint is compared with nothing")
    }

    private func outcome() throws -> Outcome {
        let all = sides.flatMap(\.records)
        guard !all.isEmpty else {
            throw LookupError.nothingToCompare(folder: store.folder, checkpoints: sides.map(\.checkpoint.name))
        }
        try requireKnown(settings.datasets, among: Set(all.map(\.dataset)).sorted(), "data set")
        let chosen = all.filter { settings.datasets.isEmpty || settings.datasets.contains($0.dataset) }
        try requireKnown(settings.pairs, among: Set(chosen.map(\.pair)).sorted(), "pair")
        let wanted = chosen.filter { settings.pairs.isEmpty || settings.pairs.contains($0.pair) }
        var outcome = Outcome(selection: sides[0].checkpoint.results)
        for dataset in Set(wanted.map(\.dataset)).sorted() {
            let known = wanted.filter { $0.dataset == dataset }
            let pairs = Set(known.map(\.pair)).sorted()
            let picks = try sides.map { try pick($0, dataset, pairs, known: known) }
            for other in picks.dropFirst() {
                outcome.comparisons.append(try compare(picks[0], other, dataset, &outcome.remarks))
            }
        }
        return outcome
    }

    private func requireKnown(_ names: [String], among known: [String], _ kind: String) throws {
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw LookupError.notEvaluated(folder: store.folder, kind: kind, name: unknown, known: known)
        }
    }

    /// One checkpoint's results at the layer it is compared at, one for each pair, in their order.
    private struct Pick {
        let results: ComparableResults
        let side: CheckpointComparison.Side
        let records: [ResultRecord]
        let ranks: [Ranks]
    }

    private func pick(
        _ results: ComparableResults, _ dataset: String, _ pairs: [String], known: [ResultRecord]
    ) throws -> Pick {
        let own = results.records.filter { $0.dataset == dataset && pairs.contains($0.pair) }
        var (layer, bestOf): (String?, Int?)
        switch settings.layer {
        case .named(let name): layer = name
        case .best:
            let means = LayerMeans.of(own, schema: .bli).first
            (layer, bestOf) = (means?.best?.name, means?.layers.count)
        }
        let found = pairs.map { pair in own.first { $0.pair == pair && $0.layerName == layer } }
        let ranks = try found.map { record in
            try record.flatMap { try store.outcomes(of: $0) }.map { outcomes -> Ranks in
                let lists = try outcomes.ranks()
                guard lists.count == 1 else { throw EvaluationError.damagedOutcomes("\(lists.count) lists of ranks") }
                return lists[0]
            }
        }
        let missing = zip(pairs, ranks).filter { $0.1 == nil }.map(\.0)
        guard let layer, missing.isEmpty else {
            throw LookupError.notComparedYet(
                folder: store.folder, checkpoint: results.checkpoint.name, dataset: dataset, layer: layer,
                evaluated: LayerMeans.of(own, schema: .bli).first?.layers.map(\.name) ?? [], pairs: missing,
                command: EvaluationAdvice(
                    folder: store.folder, checkpoint: results.checkpoint.name,
                    known: missing.compactMap { pair in known.first { $0.pair == pair } },
                    isWhole: missing.count == pairs.count && settings.pairs.isEmpty, layers: layer
                ).command)
        }
        return Pick(
            results: results,
            side: .init(checkpoint: results.checkpoint.name, layer: layer, bestOf: bestOf),
            records: found.compactMap { $0 }, ranks: ranks.compactMap { $0 })
    }

    /// - Throws: `LookupError.incomparable` when the two were asked different questions.
    private func compare(
        _ first: Pick, _ second: Pick, _ dataset: String, _ remarks: inout [String]
    ) throws -> CheckpointComparison {
        var differences: [String] = []
        for (one, other) in zip(first.records, second.records) {
            for difference in ComparableResults.differences((first.results, one), (second.results, other))
            where !differences.contains(difference) { differences.append(difference) }
        }
        guard differences.isEmpty else {
            throw LookupError.incomparable(
                folder: store.folder, first: first.side.checkpoint, second: second.side.checkpoint,
                differences: differences)
        }
        for (one, other) in zip(first.records, second.records) {
            let vocabularies = zip(first.results.vocabularies(of: one), second.results.vocabularies(of: other))
            for (own, others) in vocabularies where own.list != others.list {
                let remark =
                    "\(own.collection): \(first.side.checkpoint) has vectors of \(own.rows) words, "
                    + "\(second.side.checkpoint) of \(others.rows) of the same vocabulary: golds meet other candidates"
                if !remarks.contains(remark) { remarks.append(remark) }
            }
        }
        let comparison = CheckpointComparison(
            dataset: dataset, first: first.side, second: second.side,
            ranks: zip(first.records, zip(first.ranks, second.ranks)).map { ($0.pair, $1.0, $1.1) },
            seed: settings.seed, threads: settings.threads)
        for pair in comparison.pairs where pair.scores == nil {
            remarks.append(
                "\(dataset) \(pair.name): no query is ranked by both \(first.side.checkpoint) and "
                    + "\(second.side.checkpoint); the pair counts nowhere")
        }
        return comparison
    }
}

/// At which layer checkpoints are compared.
package enum ComparedLayer: Equatable, Sendable {
    /// Each checkpoint's best one over the pairs compared.
    case best
    /// The layer, or mean of layers, of this name: "8", "0-8:mean".
    case named(String)

    /// - Parameter argument: "best", a number, or the mean of layers as evaluations name it ("0-8:mean").
    package init?(argument: String) {
        if argument == "best" {
            self = .best
            return
        }
        switch LayerChoice(argument: argument) {
        case .some(.some(let layers)) where layers.count == 1: self = .named("\(layers[0])")
        case .some(.mean(let layers)): self = .named(LayerChoice.name(ofMean: layers))
        default: return nil
        }
    }
}
