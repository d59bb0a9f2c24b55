import Store

/// Answers translation questions for one target language: chooses the layer, and asks there.
///
/// Of a word whose language is guessed the best layer is the guessed pair's, so words of a list may be answered at
/// different layers; every answer says which.
package final class Translator {
    /// What all layers have in common.
    struct Settings {
        let checkpoint: StoredCheckpoint
        let target: CollectionRecord
        /// nil when it is guessed.
        let source: CollectionRecord?
        let scoring: TranslationScoring
        let top: Int
        let keepIdentical: Bool
        let native: NativeCandidates
        let threshold: Double?
        let doubt: Doubt
        let threads: Int
        let encoder: QueryEncoder
    }

    private let settings: Settings
    private let request: TranslationLayer.Request
    /// By the query's language; nil where nothing tells it.
    private var choices: [String?: TranslationLayer] = [:]
    private var layers: [Int: LayerTranslator] = [:]

    /// - Parameters:
    ///   - native: which words of other languages are left out; a word spelled like the query is never one of them.
    ///   - threshold: the lowest score of an answer; nil for any.
    ///   - doubt: the words that are compared with nonsense; their language must be known.
    ///   - encoder: shared by translators of one checkpoint, so that its model is loaded once; one of its
    ///     own when left out.
    package init(
        checkpoint: StoredCheckpoint, to: String, from: String?, layer: TranslationLayer.Request,
        scoring: TranslationScoring,
        top: Int, keepIdentical: Bool, native: NativeCandidates = .own, threshold: Double? = nil,
        doubt: Doubt = .none, threads: Int,
        encoder: QueryEncoder? = nil
    ) throws {
        request = layer
        settings = Settings(
            checkpoint: checkpoint, target: try checkpoint.requireWords(to),
            source: try from.map { try checkpoint.requireWords($0) }, scoring: scoring, top: top,
            keepIdentical: keepIdentical, native: native, threshold: threshold, doubt: doubt, threads: threads,
            encoder: encoder ?? QueryEncoder(checkpoint.record))
        // What keeps every word from an answer is known before the first is asked.
        _ = try translator(of: choice(from: settings.source?.wordLanguage))
    }

    package func translate(_ word: String) throws -> Translation {
        let asked = try asked(word)
        return try translator(of: asked.choice).translate(asked)
    }

    /// Memory of a batch's shortlists bounds how many words are one: eight bytes for each candidate of each.
    package var batchLength: Int { min(1024, max(1, (4 << 20) / LayerTranslator.shortlistLength(top: settings.top))) }

    /// - Parameter words: at most `batchLength`.
    /// - Returns: for every word its answer, or why that word has none.
    /// - Throws: `StoreError.changedWhileReading`, and what keeps every word from an answer.
    package func translate(batch words: [String]) throws -> [Result<Translation, any Error>] {
        let all = try words.map(asked)
        var answers: [Int: Result<Translation, any Error>] = [:]
        let byLayer = Dictionary(grouping: all.indices) { all[$0].choice.number }
        for (_, indices) in byLayer.sorted(by: { $0.key < $1.key }) {
            let batch = indices.map { all[$0] }
            let found = try translator(of: batch[0].choice).translate(batch: batch)
            for (index, answer) in zip(indices, found) { answers[index] = answer }
        }
        return all.indices.map { index in
            guard let answer = answers[index] else { preconditionFailure("word \(index) was not asked") }
            return answer
        }
    }

    /// Whether a vocabulary has the word, so that no model is needed for it.
    package func isStored(_ word: String) throws -> Bool { try !find(word).isEmpty }

    /// The layer's translator for a word, and what it is asked.
    func question(_ word: String) throws -> (translator: LayerTranslator, asked: LayerTranslator.Asked) {
        let asked = try asked(word)
        return (try translator(of: asked.choice), asked)
    }

    private func find(_ word: String) throws -> [StoredWord] {
        try settings.checkpoint.find(word, source: settings.source, target: settings.target)
    }

    private func asked(_ word: String) throws -> LayerTranslator.Asked {
        let stored = try find(word)
        let language = settings.source?.wordLanguage ?? stored.first?.collection.wordLanguage
        return .init(word: word, stored: stored, choice: try choice(from: language))
    }

    private func choice(from language: String?) throws -> TranslationLayer {
        if let known = choices[language] { return known }
        let choice = try TranslationLayer(
            request, checkpoint: settings.checkpoint, target: settings.target, sourceLanguage: language)
        choices[language] = choice
        return choice
    }

    private func translator(of choice: TranslationLayer) throws -> LayerTranslator {
        if let known = layers[choice.number] { return known }
        let translator = try LayerTranslator(settings, layer: choice.number)
        layers[choice.number] = translator
        return translator
    }
}
