import ArgumentParser
import Console
import Evaluation
import Lexicon
import Store

/// `query tatoeba`
struct TatoebaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tatoeba",
        abstract: "Sentence retrieval: accuracy of the nearest neighbour, both directions.",
        discussion: """
            Every stored set of parallel sentences is scored at every layer stored for both sides. `accuracy` asks with \
            English sentences among those of the other language (the paper's direction), `accuracy_reverse` the other way. \
            In a set without English the second language asks.

            Example: query tatoeba --checkpoint mbert --layers 8
            """)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only these pairs, as the sets are named (fra-eng).", valueName: "pair"))
    var pairs: [String] = []

    @Option(help: "cosine, or margin: over the mean cosine with the four nearest neighbours of either side.")
    var scoring: RetrievalScoring = .cosine

    @OptionGroup var options: EvaluationOptions

    func run() throws {
        let run = try EvaluationRun(options, schema: .tatoeba)
        try run.perform { checkpoints in
            try SentenceRetrievalTask(run: run, checkpoints: checkpoints, only: pairs, scoring: scoring).perform()
        }
        try run.report()
    }
}

/// Scores every stored sentence set, layer by layer.
struct SentenceRetrievalTask {
    let run: EvaluationRun
    let checkpoints: [StoredCheckpoint]
    /// Names of the sets asked for; empty for all.
    let only: [String]
    var scoring = RetrievalScoring.cosine

    /// One set at one layer whose result is not known yet.
    private struct Cell {
        let checkpoint: StoredCheckpoint
        let set: StoredSentenceSet
        let queries: LayerView
        let candidates: LayerView
        let key: ResultKey

        var floatingPointOperations: Double {
            4 * Double(queries.rows) * Double(candidates.rows) * Double(queries.dimension)
        }
    }

    func perform() throws {
        let cells = try plan()
        guard !cells.isEmpty else { return }
        let progress: any ProgressReporter = run.options.output.quiet
            ? SilentProgress()
            : ProgressBar(
                title: "tatoeba", totalWeight: cells.reduce(0) { $0 + $1.floatingPointOperations },
                itemUnit: "sentences", weightRate: .init(unit: "GFLOP/s", scale: 1e9))
        var gold: [String: [Int?]] = [:]
        for cell in cells {
            progress.phase("\(cell.checkpoint.name) \(cell.set.name) layer \(cell.queries.name)")
            let place = "\(cell.checkpoint.name) \(cell.set.name)"
            let alignment = try gold[place] ?? cell.set.alignment(in: cell.checkpoint)
            gold = [place: alignment]
            let basis = cell.checkpoint.basis(
                [cell.set.queries, cell.set.candidates], layers: cell.queries.layers + cell.candidates.layers)
            run.add([(try score(cell, gold: alignment), basis)])
            progress.advance(weight: cell.floatingPointOperations, items: cell.queries.rows + cell.candidates.rows)
            try EvaluationRun.checkForStop()
        }
        progress.finish()
    }

    private func plan() throws -> [Cell] {
        var cells: [Cell] = []
        for checkpoint in checkpoints {
            for stale in checkpoint.staleCollections {
                guard case .sentences = stale.name else { continue }
                run.skip("\(checkpoint.name): \(stale.collection) was encoded with earlier weights; build it again")
            }
            let sets = StoredSentenceSet.all(in: checkpoint) { run.skip("\(checkpoint.name): \($0)") }
            for name in only where !sets.contains(where: { $0.name == name }) {
                throw QueryError.unknownPair(
                    folder: "\(run.store.folder) \(checkpoint.name)", name: name, known: sets.map(\.name))
            }
            if sets.isEmpty { run.skip("\(checkpoint.name): no sentence sets are stored") }
            for set in sets where only.isEmpty || only.contains(set.name) {
                let stored = [try checkpoint.layers(of: set.queries), try checkpoint.layers(of: set.candidates)]
                let views = run.options.layers.views(stored)
                if views.isEmpty {
                    run.skip("\(checkpoint.name): \(set.name): "
                        + run.options.layers.reasonWithoutViews(stored, sides: "both sides"))
                }
                for pair in views {
                    let key = ResultKey(
                        policy: scoring.policy, dataset: scoring.dataset, pair: set.name, layer: pair[0].number,
                        mean: pair[0].mean,
                        inputs: pair[0].fingerprints + pair[1].fingerprints + [set.queries.list, set.candidates.list])
                    if try run.reuse(key) { continue }
                    cells.append(
                        Cell(checkpoint: checkpoint, set: set, queries: pair[0], candidates: pair[1], key: key))
                }
            }
        }
        return cells
    }

    private func score(_ cell: Cell, gold: [Int?]) throws -> ResultRecord {
        let own = try cell.checkpoint.rows(of: cell.queries), other = try cell.checkpoint.rows(of: cell.candidates)
        let queries = try VectorMatrix(all: own), candidates = try VectorMatrix(all: other)
        let result = try RetrievalAccuracy(
            queries: queries, candidates: candidates, gold: gold, scoring: scoring, threads: run.options.threadCount)
        let omitted = queries.rowCount + candidates.rowCount - 2 * result.sentences
        return ResultRecord(
            task: "tatoeba", dataset: scoring.dataset, pair: cell.set.name, checkpoint: cell.checkpoint.name,
            layer: cell.queries.number, mean: cell.queries.mean, fingerprint: cell.key.fingerprint,
            values: [
                "sentences": Double(result.sentences), "accuracy": result.accuracy,
                "accuracy_reverse": result.accuracyReverse, "omitted": Double(omitted),
            ],
            provenance: [
                "policy": scoring.policy.text, "queries": cell.set.queries.collection,
                "candidates": cell.set.candidates.collection,
                "checkpoint_fingerprint": cell.checkpoint.record.fingerprint.hex,
                "query_layer": cell.queries.fingerprints.map(\.hex).joined(separator: ","),
                "candidate_layer": cell.candidates.fingerprints.map(\.hex).joined(separator: ","),
                "query_codec": cell.queries.codecs, "candidate_codec": cell.candidates.codecs,
            ],
            created: wallSeconds())
    }
}

/// `--scoring`; results of the margin are another data set's, "sentences (margin)".
extension RetrievalScoring: ExpressibleByArgument {
    var dataset: String { self == .cosine ? "sentences" : "sentences (\(rawValue))" }

    var policy: ResultKey.Policy {
        switch self {
        case .cosine: .tatoeba
        case .margin:
            .init(text: ResultKey.Policy.tatoeba.text + "; margin: cosine over the mean of both sides' means of 4 nearest")
        }
    }
}
