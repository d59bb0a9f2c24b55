import Evaluation
import Fingerprinting
import Lexicon
import Store

/// Counts how often each word of a language is a neighbour of another language's words, layer by layer.
package final class HubnessTask {
    private let run: EvaluationRun
    private let checkpoints: [StoredCheckpoint]
    private let languages: (from: [String], to: [String])
    private let layers: HubnessLayers
    private let scope: HubnessScope

    /// - Parameters:
    ///   - checkpoints: with their results where `layers` is the best.
    ///   - from: languages that ask, at least one; to: languages whose words are found. All pairs of them, but none of
    ///     a language with itself.
    package init(
        run: EvaluationRun, checkpoints: [StoredCheckpoint], from: [String], to: [String], layers: HubnessLayers,
        scope: HubnessScope
    ) {
        (self.run, self.checkpoints, self.layers, self.scope) = (run, checkpoints, layers, scope)
        languages = (from, to)
    }

    /// One pair at one layer.
    private struct Cell {
        let checkpoint: StoredCheckpoint
        let source: CollectionRecord
        let target: CollectionRecord
        /// The source's and the target's.
        let views: [LayerView]
        let scope: HubnessScope
        let key: ResultKey

        /// What its result is computed from.
        var basis: ResultBasis {
            checkpoint.basis([source, target], layers: views[0].layers + views[1].layers)
        }

        /// With CSLS every target word meets every source word, too.
        var floatingPointOperations: Double {
            Double(min(source.rows, scope.words)) * weight + (scope.isScaled ? Double(target.rows) * sourceWeight : 0)
        }

        /// Operations of one source word, of one target word.
        var weight: Double { 2 * Double(min(target.rows, scope.words)) * Double(views[1].dimension) }
        var sourceWeight: Double { 2 * Double(min(source.rows, scope.words)) * Double(views[0].dimension) }
    }

    /// What the run's results are of.
    private var targets: [Fingerprint: Cell] = [:]

    /// The counts by cosine; with CSLS these and those by CSLS, so that they can be compared.
    /// - Throws: `LookupError` when no checkpoint has a pair of the languages; what reading throws.
    package func perform() throws {
        let cells = try plan()
        guard !cells.isEmpty else { return }
        run.observer.begin(
            run.schema.task, weight: cells.reduce(0) { $0 + $1.floatingPointOperations }, unit: "words",
            isFloatingPoint: true)
        for cell in cells {
            run.observer.phase("\(cell.checkpoint.name) \(pair(cell)) layer \(cell.views[1].name)")
            run.add([try result(cell)])
            try run.observer.checkForStop()
        }
        run.observer.finish()
    }

    private func pair(_ cell: Cell) -> String { "\(cell.source.title)-\(cell.target.title)" }

    private func plan() throws -> [Cell] {
        var cells: [Cell] = []
        var reasons: [any Error] = []
        targets = [:]
        let pairs = languages.from.flatMap { source in
            languages.to.filter { !LanguageCode.areSame(source, $0) }.map { (source, $0) }
        }
        if pairs.isEmpty, let from = languages.from.first, let to = languages.to.first {
            throw LookupError.sameLanguage(folder: run.store.folder, language: from, other: to)
        }
        for checkpoint in checkpoints {
            for (from, to) in pairs {
                do {
                    let source = try checkpoint.requireWords(from), target = try checkpoint.requireWords(to)
                    _ = try checkpoint.pooling(of: [source, target])
                    cells += try plan(checkpoint, source, target)
                } catch let error as LookupError {
                    reasons.append(error)
                    run.skip("\(error)")
                }
            }
        }
        if targets.isEmpty, let first = reasons.first { throw first }
        return cells
    }

    private func plan(
        _ checkpoint: StoredCheckpoint, _ source: CollectionRecord, _ target: CollectionRecord
    ) throws -> [Cell] {
        let choice: LayerChoice
        switch layers {
        case .chosen(let layers): choice = layers
        case .best:
            let best = try TranslationLayer(
                .best, checkpoint: checkpoint, target: target, sourceLanguage: source.wordLanguage)
            choice = .some([best.number])
        }
        let stored = [try checkpoint.layers(of: source), try checkpoint.layers(of: target)]
        let views = choice.views(stored)
        if views.isEmpty {
            run.skip(
                "\(checkpoint.name): \(source.title)-\(target.title): "
                    + choice.reasonWithoutViews(stored, sides: "both languages"))
        }
        var cells: [Cell] = []
        for both in views {
            for isScaled in scope.isScaled ? [false, true] : [false] {
                let scope = HubnessScope(k: scope.k, words: scope.words, isScaled: isScaled)
                let key = scope.key(checkpoint.name, source, target, views: both)
                let cell = Cell(
                    checkpoint: checkpoint, source: source, target: target, views: both, scope: scope, key: key)
                targets[key.fingerprint] = cell
                if try !run.reuse(key, basis: cell.basis) { cells.append(cell) }
            }
        }
        return cells
    }

    private func result(_ cell: Cell) throws -> NewResult {
        let rows = try cell.views.map { FirstRows(cell.scope.words, of: try cell.checkpoint.rows(of: $0)) }
        let (sources, targets) = (rows[0], rows[1])
        let scaling = cell.scope.isScaled ? targets.rowCount : 0
        var done = 0
        let occurrences = try NeighbourOccurrences(
            cell.scope.k, queries: sources, candidates: targets, isScaled: cell.scope.isScaled,
            threads: run.settings.threads
        ) { count in
            // CSLS's neighbourhoods of the target words come first.
            run.observer.advance(
                weight: Double(count) * (done < scaling ? cell.sourceWeight : cell.weight), items: count)
            done += count
            try run.observer.checkForStop()
        }
        let hubness = Hubness(occurrences: occurrences.counts)
        let record = ResultRecord(
            task: run.schema.task, dataset: cell.scope.dataset, pair: pair(cell), checkpoint: cell.checkpoint.name,
            layer: cell.views[1].number, mean: cell.views[1].mean, fingerprint: cell.key.fingerprint,
            values: [
                "queries": Double(sources.rowCount), "candidates": Double(targets.rowCount),
                "k": Double(cell.scope.k), "skewness": hubness.skewness, "anti_hubs": hubness.orphanShare,
                "largest": Double(occurrences.counts.max() ?? 0),
            ],
            provenance: [
                "policy": cell.scope.policy.text,
                "checkpoint_fingerprint": cell.checkpoint.record.fingerprint.hex,
                "source_layer": cell.views[0].fingerprints.map(\.hex).joined(separator: ","),
                "target_layer": cell.views[1].fingerprints.map(\.hex).joined(separator: ","),
                "source_codec": cell.views[0].codecs, "target_codec": cell.views[1].codecs,
            ],
            created: EvaluationRun.now)
        return NewResult(
            record: record,
            basis: cell.basis,
            outcomes: .occurrences(occurrences, of: cell.target.list))
    }

    // MARK: Names

    /// A result of the run with its hubs by name.
    package struct Listing: Sendable {
        package struct Hub: Sendable {
            package let word: String
            /// In the store's order, from 0.
            package let row: Int
            package let frequencyRank: Int
            /// Source words that have it among their nearest.
            package let occurrences: Int
            /// The same by cosine; nil where the counts are by cosine.
            package let occurrencesByCosine: Int?
        }

        package let record: ResultRecord
        package let from: String
        package let to: String
        package let scope: HubnessScope
        package let hubs: [Hub]
        /// The result by cosine of the same pair and layer; nil where this is one.
        package let byCosine: ResultRecord?
    }

    /// The results of the run, of the scoring that was asked for, with the words that occur most often. After
    /// `perform`, in the same state of the store.
    /// - Throws: `EvaluationError.damagedOutcomes`, `StoreError`.
    package func listings(_ count: Int) throws -> [Listing] {
        let records = run.records
        return try records.filter { $0.dataset == scope.dataset }.compactMap { record in
            guard let cell = targets[record.fingerprint] else { return nil }
            let byCosine =
                scope.isScaled
                ? records.first {
                    $0.dataset != record.dataset && $0.pair == record.pair && $0.checkpoint == record.checkpoint
                        && $0.layer == record.layer && $0.mean == record.mean
                } : nil
            let before = try byCosine.map { try run.occurrences(of: $0) }
            let texts = cell.checkpoint.texts(of: cell.target)
            let hubs = try Hubness(occurrences: run.occurrences(of: record)).hubs(count).map { row, occurrences in
                let entry = try texts.entry(at: row)
                return Listing.Hub(
                    word: entry.text, row: row, frequencyRank: Int(entry.rank), occurrences: occurrences,
                    occurrencesByCosine: before.flatMap { $0.indices.contains(row) ? $0[row] : nil })
            }
            return Listing(
                record: record, from: cell.source.title, to: cell.target.title, scope: cell.scope, hubs: hubs,
                byCosine: byCosine)
        }
    }
}
