import Store

/// Answers to many words by several translators: checkpoints side by side, several target languages.
package struct TranslationRun: Sendable {
    package struct Answer: Sendable {
        package let word: String
        /// One for each translator, in their order; fewer where the word has no vector under a checkpoint and such
        /// words are left out.
        package let translations: [Translation]
    }

    package let answers: [Answer]
    /// Words without an answer that were left out, in order; once for each translator.
    package let leftOut: [LookupError]
    /// What kept the next word from an answer; words behind it are not asked.
    package let failure: (any Error)?

    /// Answers all words from one state of the store: when `gc` takes files of that state away in the middle, all are
    /// answered anew from a fresh one, so that no answer stands beside another state's.
    /// - Parameters:
    ///   - leavingOut: a word that has no vector, or whose language CSLS needs and nothing tells, is left out; else it
    ///     is the run's failure. For lists, of which one bad word should not cost the rest.
    ///   - progress: told how many words are done; an error it throws ends the run.
    ///   - make: reads the catalogue, one state for all its translators; called again for every attempt.
    /// - Throws: what `make` throws; `StoreError.changedWhileReading` when the store never rests.
    package static func answers(
        to words: [String], leavingOut: Bool, progress: (Int) throws -> Void = { _ in }, make: () throws -> [Translator]
    ) throws -> TranslationRun {
        try Store.onFreshSnapshot {
            let translators = try make()
            var answers: [Answer] = []
            var leftOut: [LookupError] = []
            let length = translators.map(\.batchLength).min() ?? 1
            for start in stride(from: 0, to: words.count, by: length) {
                let batch = Array(words[start..<min(start + length, words.count)])
                let results: [[Result<Translation, any Error>]]
                do {
                    results = try translators.map { try $0.translate(batch: batch) }
                } catch {
                    if case StoreError.changedWhileReading = error { throw error }
                    return TranslationRun(answers: answers, leftOut: leftOut, failure: error)
                }
                for (index, word) in batch.enumerated() {
                    var translations: [Translation] = []
                    for result in results {
                        switch result[index] {
                        case .success(let translation): translations.append(translation)
                        case .failure(let error as LookupError) where leavingOut && error.isOfOneWord:
                            leftOut.append(error)
                        case .failure(let error):
                            return TranslationRun(answers: answers, leftOut: leftOut, failure: error)
                        }
                    }
                    if !translations.isEmpty { answers.append(Answer(word: word, translations: translations)) }
                }
                try progress(batch.count)
            }
            return TranslationRun(answers: answers, leftOut: leftOut, failure: nil)
        }
    }
}

extension LookupError {
    /// Whether the next word may well have an answer.
    fileprivate var isOfOneWord: Bool {
        switch self {
        case .noVector, .sourceNeeded: true
        default: false
        }
    }
}
