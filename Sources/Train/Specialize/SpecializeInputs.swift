import Console
import Encoder
import Lexicon

/// What a run reads, read once; cells of a search share it.
struct SpecializeInputs {
    let checkpoint: Checkpoint
    let specialTokens: SpecialTokens
    let constraints: TrainingConstraints
    let validation: Validation?
    /// Test and validation words that constraints were cleaned of.
    let excludedWords: Int

    /// - Throws: whatever is wrong with a file; `ConsoleError.stopped`.
    init(_ settings: SpecializeSettings, checkpoint: Checkpoint) throws {
        let checkForStop = StopRequest.checkBeforeWriting
        self.checkpoint = checkpoint
        let tokenizer = try checkpoint.tokenizer()
        specialTokens = tokenizer.specialTokens
        let dictionaries = try ValidationDictionary.all(settings.training)
        var excluded = ExcludedWords()
        for path in settings.exclude { try Self.exclude(path, isStrict: settings.training.strict, into: &excluded) }
        for entry in dictionaries { Self.exclude(entry.dictionary, into: &excluded) }
        excludedWords = excluded.count
        constraints = try TrainingConstraints(
            path: settings.constraints, tokenizer: tokenizer, input: settings.input,
            maximumLength: settings.training.maximumLength, excluding: excluded,
            pieceDropout: settings.training.pieceDropout, checkForStop: checkForStop)
        validation = try Validation.of(
            dictionaries, settings.training, tokenizer: tokenizer, checkForStop: checkForStop)
    }

    /// A test set: a file or folder `train mine --exclude` takes, a dictionary named `en-it=FILE`, or a dictionary
    /// whose name does not tell its languages: its words are left out in every language.
    private static func exclude(
        _ argument: String, isStrict: Bool, into words: inout ExcludedWords
    ) throws {
        let (pair, path) = DictionaryFolder.named(argument)
        if let pair {
            let dictionary = try DictionaryReader.read(
                path: path, sourceLanguage: pair.0, targetLanguage: pair.1, isStrict: isStrict)
            exclude(dictionary, into: &words)
            return
        }
        do {
            try TestSetWords.read(path, isStrict: isStrict, into: &words)
        } catch let error as TrainError {
            guard case .unknownInput = error, path.hasSuffix(".tsv") || path.hasSuffix(".tsv.gz") else { throw error }
            let dictionary = try DictionaryReader.read(
                path: path, sourceLanguage: "und", targetLanguage: "und", isStrict: isStrict)
            for table in [dictionary.source, dictionary.target] {
                for row in 0..<table.count { words.insert(table.string(at: row), language: nil) }
            }
        }
    }

    private static func exclude(_ dictionary: BilingualDictionary, into words: inout ExcludedWords) {
        for (table, code) in [
            (dictionary.source, dictionary.sourceLanguage), (dictionary.target, dictionary.targetLanguage),
        ] {
            let language = LanguageCode.canonical(code)
            for row in 0..<table.count { words.insert(table.string(at: row), language: language) }
        }
    }
}
