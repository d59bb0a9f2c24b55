import Evaluation
import Lexicon
import Store

/// Makes a whole dictionary of two stored vocabularies: `query induce`.
package struct DictionaryInduction {
    package struct Entry: Sendable {
        package let source: String
        package let target: String
        package let score: Double
        /// Apart from case.
        package let isSpelledAlike: Bool
    }

    package struct Settings: Sendable {
        package var scoring: TranslationScoring
        package var selection: InducedDictionary.Selection
        /// The most frequent words of each side; nil for all.
        package var top: Int?
        /// Leave out pairs of words spelled alike.
        package var dropsIdentical: Bool
        package var threads: Int

        package init(
            scoring: TranslationScoring, selection: InducedDictionary.Selection, top: Int?, dropsIdentical: Bool,
            threads: Int
        ) {
            (self.scoring, self.selection, self.top) = (scoring, selection, top)
            (self.dropsIdentical, self.threads) = (dropsIdentical, threads)
        }
    }

    private let checkpoint: StoredCheckpoint
    private let source: CollectionRecord
    private let target: CollectionRecord
    private let settings: Settings
    private let sourceRows: FirstRows
    private let targetRows: FirstRows
    package let layer: TranslationLayer

    package var checkpointName: String { checkpoint.name }
    package var sourceCount: Int { sourceRows.rowCount }
    package var targetCount: Int { targetRows.rowCount }
    /// Words `progress` is told of, over all passes.
    package var steps: Int {
        let isScaled = settings.scoring == .csls
        return (isScaled ? sourceCount + targetCount : 0) + sourceCount
            + (settings.selection == .mutual ? targetCount : 0)
    }

    /// - Throws: `LookupError`, `StoreError`; `EvaluationError.dimensionMismatch`.
    package init(
        checkpoint: StoredCheckpoint, from: String, to: String, layer: TranslationLayer.Request, settings: Settings
    ) throws {
        self.checkpoint = checkpoint
        self.settings = settings
        source = try checkpoint.requireWords(from)
        target = try checkpoint.requireWords(to)
        guard source.collection != target.collection else {
            throw LookupError.sameLanguage(folder: checkpoint.store.folder, language: from, other: to)
        }
        _ = try checkpoint.pooling(of: [source, target])
        self.layer = try TranslationLayer(
            layer, checkpoint: checkpoint, target: target, sourceLanguage: source.wordLanguage)
        let top = settings.top ?? .max
        sourceRows = FirstRows(
            top, of: try checkpoint.rows(of: checkpoint.layer(self.layer.number, of: source)))
        targetRows = FirstRows(
            top, of: try checkpoint.rows(of: checkpoint.layer(self.layer.number, of: target)))
        guard sourceRows.dimension == targetRows.dimension else {
            throw EvaluationError.dimensionMismatch(
                first: sourceRows.name, firstDimension: sourceRows.dimension, second: targetRows.name,
                secondDimension: targetRows.dimension)
        }
    }

    /// - Parameter progress: told how many of `steps` are done; an error it throws ends the work.
    /// - Returns: in the source vocabulary's order, and how many pairs are spelled alike, left out or not.
    package func entries(progress: (Int) throws -> Void) throws -> (entries: [Entry], spelledAlike: Int) {
        let pairs = try InducedDictionary.pairs(
            sources: sourceRows, targets: targetRows, isScaled: settings.scoring == .csls,
            selection: settings.selection, threads: settings.threads, progress: progress)
        let sourceTexts = checkpoint.texts(of: source), targetTexts = checkpoint.texts(of: target)
        var entries: [Entry] = []
        var spelledAlike = 0
        for pair in pairs {
            let source = try sourceTexts.entry(at: pair.source).text
            let target = try targetTexts.entry(at: pair.target).text
            let isAlike = ReferenceLowercase.areAlike(source, target)
            if isAlike { spelledAlike += 1 }
            if isAlike && settings.dropsIdentical { continue }
            entries.append(Entry(source: source, target: target, score: pair.score, isSpelledAlike: isAlike))
        }
        return (entries, spelledAlike)
    }
}
