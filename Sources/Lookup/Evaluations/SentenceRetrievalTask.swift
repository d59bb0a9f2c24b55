import Evaluation
import Fingerprinting
import Store

/// Scores every stored sentence set, layer by layer.
package struct SentenceRetrievalTask {
    private let run: EvaluationRun
    private let checkpoints: [StoredCheckpoint]
    private let only: [String]
    private let scoring: RetrievalScoring

    /// - Parameter only: names of the sets asked for; empty for all.
    package init(
        run: EvaluationRun, checkpoints: [StoredCheckpoint], only: [String], scoring: RetrievalScoring = .cosine
    ) {
        self.run = run
        self.checkpoints = checkpoints
        self.only = only
        self.scoring = scoring
    }

    /// One set at one layer.
    private struct Cell {
        let checkpoint: StoredCheckpoint
        let set: StoredSentenceSet
        let queries: LayerView
        let candidates: LayerView
        let key: ResultKey

        /// Ranks and nearest neighbours in both directions.
        var floatingPointOperations: Double {
            8 * Double(queries.rows) * Double(candidates.rows) * Double(queries.dimension)
        }

        /// What its result is computed from.
        var basis: ResultBasis {
            checkpoint.basis([set.queries, set.candidates], layers: queries.layers + candidates.layers)
        }
    }

    package func perform() throws {
        let cells = try plan()
        guard !cells.isEmpty else { return }
        run.observer.begin(
            run.schema.task, weight: cells.reduce(0) { $0 + $1.floatingPointOperations }, unit: "sentences",
            isFloatingPoint: true)
        var gold: [String: StoredSentenceSet.Alignment] = [:]
        for cell in cells {
            run.observer.phase("\(cell.checkpoint.name) \(cell.set.name) layer \(cell.queries.name)")
            let place = "\(cell.checkpoint.name) \(cell.set.name)"
            let alignment = try gold[place] ?? cell.set.alignment(in: cell.checkpoint)
            gold = [place: alignment]
            run.add([try score(cell, alignment)])
            run.observer.advance(weight: cell.floatingPointOperations, items: cell.queries.rows + cell.candidates.rows)
            try run.observer.checkForStop()
        }
        run.observer.finish()
    }

    /// Those of this run whose result is not known yet.
    private func plan() throws -> [Cell] {
        var cells: [Cell] = []
        for checkpoint in checkpoints {
            for stale in checkpoint.staleCollections {
                guard case .sentences = stale.name else { continue }
                run.skip("\(checkpoint.name): \(stale.collection) was encoded with earlier weights; build it again")
            }
            let sets = StoredSentenceSet.all(in: checkpoint) { run.skip("\(checkpoint.name): \($0)") }
            for name in only where !sets.contains(where: { $0.name == name }) {
                throw LookupError.unknownPair(
                    folder: "\(run.store.folder) \(checkpoint.name)", name: name, known: sets.map(\.name))
            }
            if sets.isEmpty { run.skip("\(checkpoint.name): no sentence sets are stored") }
            for set in sets where only.isEmpty || only.contains(set.name) {
                if let reason = checkpoint.reasonAgainst(set.queries, set.candidates) {
                    run.skip("\(set.name): \(reason)")
                    continue
                }
                try run.chooser.split(set.fingerprint) { query in
                    try checkpoint.texts(of: set.queries).forEach { _, text, line in query(Int(line), text) }
                }
                let stored = [try checkpoint.layers(of: set.queries), try checkpoint.layers(of: set.candidates)]
                let views = run.settings.layers.views(stored)
                if views.isEmpty {
                    run.skip(
                        "\(checkpoint.name): \(set.name): "
                            + run.settings.layers.reasonWithoutViews(stored, sides: "both sides"))
                }
                for pair in views {
                    let key = ResultKey(
                        policy: scoring.policy, dataset: scoring.dataset, pair: set.name, checkpoint: checkpoint.name,
                        layer: pair[0].number, mean: pair[0].mean,
                        inputs: pair[0].fingerprints + pair[1].fingerprints + [set.queries.list, set.candidates.list])
                    cells.append(
                        Cell(checkpoint: checkpoint, set: set, queries: pair[0], candidates: pair[1], key: key))
                }
            }
        }
        let isOwn = run.isOwn(
            cells.map { cell in
                PlannedResult(
                    unit: "\(cell.checkpoint.name) \(cell.set.name)", neighbourhood: cell.checkpoint.name,
                    key: cell.key.fingerprint, weight: cell.floatingPointOperations)
            })
        return try zip(cells, isOwn).filter(\.1).map(\.0).filter { try !run.reuse($0.key, basis: $0.basis) }
    }

    private func score(_ cell: Cell, _ alignment: StoredSentenceSet.Alignment) throws -> NewResult {
        let own = try cell.checkpoint.rows(of: cell.queries), other = try cell.checkpoint.rows(of: cell.candidates)
        let queries = try VectorMatrix(all: own), candidates = try VectorMatrix(all: other)
        let result = try RetrievalAccuracy(
            queries: queries, candidates: candidates, gold: alignment.gold, scoring: scoring,
            threads: run.settings.threads)
        let measures = result.measures, reverse = result.measuresReverse
        let omitted = queries.rowCount + candidates.rowCount - 2 * result.sentences
        let record = ResultRecord(
            task: "tatoeba", dataset: scoring.dataset, pair: cell.set.name, checkpoint: cell.checkpoint.name,
            layer: cell.queries.number, mean: cell.queries.mean, fingerprint: cell.key.fingerprint,
            values: [
                "sentences": Double(result.sentences), "accuracy": result.accuracy,
                "accuracy_reverse": result.accuracyReverse, "omitted": Double(omitted),
                "f1": measures.f1, "f1_reverse": reverse.f1, "precision": measures.precision,
                "precision_reverse": reverse.precision, "recall": measures.recall, "recall_reverse": reverse.recall,
            ],
            provenance: [
                "policy": scoring.policy.text, "queries": cell.set.queries.collection,
                "candidates": cell.set.candidates.collection,
                "checkpoint_fingerprint": cell.checkpoint.record.fingerprint.hex,
                "query_layer": cell.queries.fingerprints.map(\.hex).joined(separator: ","),
                "candidate_layer": cell.candidates.fingerprints.map(\.hex).joined(separator: ","),
                "query_codec": cell.queries.codecs, "candidate_codec": cell.candidates.codecs,
            ],
            created: EvaluationRun.now)
        return NewResult(
            record: record,
            basis: cell.basis,
            outcomes: .ranks(
                [result.forward, result.reverse].map { Ranks($0, positions: alignment.lines) },
                of: cell.set.fingerprint))
    }
}

/// Results of the margin are another data set's, "sentences (margin)".
extension RetrievalScoring {
    var dataset: String { self == .cosine ? "sentences" : "sentences (\(rawValue))" }

    var policy: ResultKey.Policy {
        switch self {
        case .cosine: .tatoeba
        case .margin:
            .init(
                text: ResultKey.Policy.tatoeba.text + "; margin: cosine over the mean of both sides' means of 4 nearest"
            )
        }
    }
}
