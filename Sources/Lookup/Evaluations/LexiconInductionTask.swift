import Evaluation
import Fingerprinting
import Lexicon
import Store

/// Scores dictionaries at every layer, target language by target language, so that each target layer is read once and
/// all queries of all dictionaries into that language meet it in one product.
package final class LexiconInductionTask {
    private let run: EvaluationRun
    private let checkpoints: [StoredCheckpoint]
    private let dictionaries: [EvaluationDictionary]
    private let scoring: InductionScoring
    private let foreign: ForeignCandidates

    package init(
        run: EvaluationRun, checkpoints: [StoredCheckpoint], dictionaries: [EvaluationDictionary],
        scoring: InductionScoring = InductionScoring()
    ) {
        self.scoring = scoring
        foreign = ForeignCandidates(scoring.native)
        self.run = run
        self.checkpoints = checkpoints
        self.dictionaries = dictionaries
    }

    /// One dictionary at one layer whose result is not known yet.
    struct Cell {
        let lookup: DictionaryLookup
        let source: LayerView
        /// Vocabularies beside the dictionary's own two that have a say in it.
        let others: [CollectionRecord]
        let key: ResultKey

        /// What its result is computed from.
        func basis(in checkpoint: StoredCheckpoint, target: LayerView) -> ResultBasis {
            checkpoint.basis([lookup.source, lookup.target] + others, layers: source.layers + target.layers)
        }
    }

    /// Everything that meets one target layer.
    struct Group {
        let checkpoint: StoredCheckpoint
        let target: LayerView
        var cells: [Cell] = []
    }

    package func perform() throws {
        let all = try cells()
        let isOwn = run.isOwn(
            all.map { checkpoint, target, cell in
                let entry = cell.lookup.entry
                return PlannedResult(
                    unit: "\(checkpoint.name) \(entry.dataset) \(entry.dictionary.name)",
                    neighbourhood: "\(checkpoint.name) \(target.collection)", key: cell.key.fingerprint,
                    weight: Double(entry.dictionary.count) * Double(target.rows) * Double(target.dimension))
            })
        // Which results are missing.
        let missing = try zip(all, isOwn).filter(\.1).map(\.0).filter { checkpoint, target, cell in
            try !run.reuse(cell.key, basis: cell.basis(in: checkpoint, target: target))
        }
        let groups = Self.grouped(missing)
        guard !groups.isEmpty else { return }
        let work = try prepared(groups)
        let total = work.reduce(0.0) { $0 + $1.floatingPointOperations }
        run.observer.begin(run.schema.task, weight: total, unit: "queries", isFloatingPoint: true)
        for group in work {
            run.observer.phase(group.name)
            run.add(try group.score(threads: run.settings.threads, observer: run.observer))
            try run.observer.checkForStop()
        }
        run.observer.finish()
    }

    /// Answers of some of the run's results: the candidates that stand first, which no result holds.
    ///
    /// After `perform`, in the same state of the store. Comes by checkpoint and target layer; a dictionary's rows in
    /// their order.
    /// - Parameters:
    ///   - count: candidates of each query.
    ///   - wanted: whether a result's answers are wanted.
    ///   - body: a result, its dictionary found in the vocabularies, and its answers.
    package func forEachResult(
        nearest count: Int, where wanted: (ResultRecord) -> Bool,
        _ body: (ResultRecord, InductionVocabularies, [InductionAnswer]) throws -> Void
    ) throws {
        let records = Dictionary(run.records.map { ($0.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
        let groups = Self.grouped(try cells().filter { records[$0.cell.key.fingerprint].map(wanted) ?? false })
        let work = try prepared(groups)
        run.observer.begin(
            "answers", weight: work.reduce(0.0) { $0 + $1.floatingPointOperations }, unit: "queries",
            isFloatingPoint: true)
        var vocabularies: [ObjectIdentifier: InductionVocabularies] = [:]
        for (group, work) in zip(groups, work) {
            run.observer.phase(work.name)
            let nearest = try work.nearest(count, threads: run.settings.threads, observer: run.observer)
            for (cell, rows) in zip(group.cells, nearest) {
                guard let record = records[cell.key.fingerprint] else { continue }
                let key = ObjectIdentifier(cell.lookup)
                let words = vocabularies[key] ?? InductionVocabularies(cell.lookup, checkpoint: group.checkpoint)
                vocabularies[key] = words
                try body(record, words, try answers(cell, rows: rows, record))
            }
        }
        run.observer.finish()
    }

    private func answers(
        _ cell: Cell, rows: [[NearestRows.Match]?], _ record: ResultRecord
    ) throws -> [InductionAnswer] {
        let matches = try cell.lookup.matches(), ranks = try run.ranks(of: record)
        return try zip(ranks.positions, ranks.ranks).map { position, rank in
            // What a damaged record names, the dictionary need not have.
            guard position < rows.count, let match = matches[position], let nearest = rows[position] else {
                throw EvaluationError.damagedOutcomes("a rank at row \(position), which is no query")
            }
            return InductionAnswer(
                position: position, source: match.source, gold: match.target, rank: rank, nearest: nearest)
        }
    }

    private func prepared(_ groups: [Group]) throws -> [LexiconInductionGroup] {
        var plans: [[ObjectIdentifier]: InductionQueries] = [:]
        return try groups.map { group in
            let lookups = group.cells.map(\.lookup)
            let identity = lookups.map(ObjectIdentifier.init)
            let plan =
                try plans[identity]
                ?? InductionQueries(lookups.map { (source: $0.source.collection, matches: try $0.matches()) })
            plans[identity] = plan
            return LexiconInductionGroup(group, plan: plan, scoring: scoring, foreign: foreign)
        }
    }

    /// A cell and the target layer it meets.
    private typealias Planned = (checkpoint: StoredCheckpoint, target: LayerView, cell: Cell)

    /// By checkpoint and target layer, in the order these first appear.
    private static func grouped(_ cells: [Planned]) -> [Group] {
        var groups: [Group] = []
        var places: [String: Int] = [:]
        for planned in cells {
            let place = "\(planned.checkpoint.name) \(planned.target.collection) \(planned.target.name)"
            let index = places[place] ?? groups.count
            if index == groups.count {
                places[place] = index
                groups.append(Group(checkpoint: planned.checkpoint, target: planned.target))
            }
            groups[index].cells.append(planned.cell)
        }
        return groups
    }

    private var known: [Planned]?

    /// Every dictionary at every layer asked for; what cannot be evaluated is noted with its reason.
    private func cells() throws -> [Planned] {
        if let known { return known }
        var cells: [Planned] = []
        for checkpoint in checkpoints {
            for entry in dictionaries {
                let dictionary = entry.dictionary
                run.chooser.split(dictionary.fingerprint) { query in
                    for row in 0..<dictionary.count { dictionary.source.withBytes(at: row) { query(row, $0) } }
                }
                let what = "\(checkpoint.name): \(entry.dataset) \(dictionary.name)"
                guard let source = checkpoint.words(dictionary.sourceLanguage) else {
                    run.skip("\(what): \(checkpoint.reasonWithoutWords(dictionary.sourceLanguage))")
                    continue
                }
                guard let target = checkpoint.words(dictionary.targetLanguage) else {
                    run.skip("\(what): \(checkpoint.reasonWithoutWords(dictionary.targetLanguage))")
                    continue
                }
                if let reason = checkpoint.reasonAgainst(source, target) {
                    run.skip("\(what): \(reason)")
                    continue
                }
                let stored = [try checkpoint.layers(of: source), try checkpoint.layers(of: target)]
                let views = run.settings.layers.views(stored)
                if views.isEmpty {
                    run.skip("\(what): \(run.settings.layers.reasonWithoutViews(stored, sides: "both languages"))")
                    continue
                }
                let lookup = DictionaryLookup(entry: entry, checkpoint: checkpoint, source: source, target: target)
                let others = foreign.others(into: target, from: source, of: checkpoint)
                for pair in views {
                    let sourceView = pair[0], targetView = pair[1]
                    let key = ResultKey(
                        policy: scoring.policy, dataset: scoring.dataset(entry.dataset), pair: dictionary.name,
                        checkpoint: checkpoint.name, layer: targetView.number, mean: targetView.mean,
                        inputs: [dictionary.fingerprint] + sourceView.fingerprints + targetView.fingerprints
                            + [source.list, target.list] + others.map(\.list))
                    cells.append(
                        (checkpoint, targetView, Cell(lookup: lookup, source: sourceView, others: others, key: key)))
                }
            }
        }
        known = cells
        return cells
    }
}
