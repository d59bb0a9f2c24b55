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

    package init(
        run: EvaluationRun, checkpoints: [StoredCheckpoint], dictionaries: [EvaluationDictionary],
        scoring: InductionScoring = InductionScoring()
    ) {
        self.scoring = scoring
        self.run = run
        self.checkpoints = checkpoints
        self.dictionaries = dictionaries
    }

    /// One dictionary at one layer whose result is not known yet.
    struct Cell {
        let lookup: DictionaryLookup
        let source: LayerView
        let key: ResultKey
    }

    /// Everything that meets one target layer.
    struct Group {
        let checkpoint: StoredCheckpoint
        let target: LayerView
        var cells: [Cell] = []
    }

    package func perform() throws {
        let groups = try plan()
        guard !groups.isEmpty else { return }
        var plans: [[ObjectIdentifier]: InductionQueries] = [:]
        let work = try groups.map { group in
            let lookups = group.cells.map(\.lookup)
            let identity = lookups.map(ObjectIdentifier.init)
            let plan =
                try plans[identity]
                ?? InductionQueries(lookups.map { (source: $0.source.collection, matches: try $0.matches()) })
            plans[identity] = plan
            return LexiconInductionGroup(group, plan: plan, scoring: scoring)
        }
        let total = work.reduce(0.0) { $0 + $1.floatingPointOperations }
        run.observer.begin(run.schema.task, weight: total, unit: "queries", isFloatingPoint: true)
        for group in work {
            let language = group.target.layers[0].name?.language ?? group.target.collection
            run.observer.phase("\(group.checkpoint.name) → \(language) layer \(group.target.name)")
            run.add(try group.score(threads: run.settings.threads, observer: run.observer))
            try run.observer.checkForStop()
        }
        run.observer.finish()
    }

    /// Which results are missing, by target layer; what cannot be evaluated is noted with its reason.
    private func plan() throws -> [Group] {
        var groups: [Group] = []
        for checkpoint in checkpoints {
            var places: [String: Int] = [:]
            for entry in dictionaries {
                let dictionary = entry.dictionary
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
                for pair in views {
                    let sourceView = pair[0], targetView = pair[1]
                    let key = ResultKey(
                        policy: scoring.policy, dataset: scoring.dataset(entry.dataset), pair: dictionary.name,
                        checkpoint: checkpoint.name, layer: targetView.number, mean: targetView.mean,
                        inputs: [dictionary.fingerprint] + sourceView.fingerprints + targetView.fingerprints
                            + [source.list, target.list])
                    if try run.reuse(key) { continue }
                    let place = "\(target.collection) \(targetView.name)"
                    if places[place] == nil {
                        places[place] = groups.count
                        groups.append(Group(checkpoint: checkpoint, target: targetView))
                    }
                    if let index = places[place] {
                        groups[index].cells.append(Cell(lookup: lookup, source: sourceView, key: key))
                    }
                }
            }
        }
        return groups
    }
}
