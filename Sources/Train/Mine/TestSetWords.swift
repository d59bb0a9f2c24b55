import Diagnostics
import Files
import Lexicon

/// Reads the words of test sets: bilingual dictionaries, similarity pairs, plain word lists, or folders of the first two.
enum TestSetWords {
    /// - Parameter path: a file or a folder as 'query bli' and 'query xlsim' take them, or a word list named
    ///   `<language>.txt`.
    /// - Throws: `LexiconError`, `TrainError`, `SystemFault`.
    static func read(_ path: String, into words: inout ExcludedWords) throws {
        let dictionaries: [DictionaryFolder.File]
        let similarities: [String]
        do {
            dictionaries = try DictionaryFolder.list(path)
        } catch FileError.wrongKind {
            return try readFile(path, into: &words)
        } catch LexiconError.nothingFound {
            dictionaries = []
        }
        do {
            similarities = try SimilarityReader.list(path)
        } catch LexiconError.nothingFound {
            similarities = []
        }
        for file in dictionaries { add(try DictionaryReader.read(file), to: &words) }
        for file in similarities { add(try SimilarityReader.read(path: file), to: &words) }
        if dictionaries.isEmpty && similarities.isEmpty { throw unknown(path) }
    }

    private static func readFile(_ path: String, into words: inout ExcludedWords) throws {
        let name = String(path.split(separator: "/").last ?? "")
        if let file = DictionaryFolder.file(path) {
            add(try DictionaryReader.read(file), to: &words)
        } else if name.hasSuffix(".csv") || name.hasSuffix(".csv.gz") {
            add(try SimilarityReader.read(path: path), to: &words)
        } else if let language = VocabularyFolder.language(ofFile: name) {
            let list = try VocabularyReader.read(path: path, language: language).words
            add(list, language: language, to: &words)
        } else {
            throw unknown(path)
        }
    }

    private static func add(_ dictionary: BilingualDictionary, to words: inout ExcludedWords) {
        add(dictionary.source, language: dictionary.sourceLanguage, to: &words)
        add(dictionary.target, language: dictionary.targetLanguage, to: &words)
    }

    private static func add(_ pairs: SimilarityPairs, to words: inout ExcludedWords) {
        add(pairs.first, language: pairs.firstLanguage, to: &words)
        add(pairs.second, language: pairs.secondLanguage, to: &words)
    }

    private static func add(_ texts: TextTable, language: String, to words: inout ExcludedWords) {
        let language = LanguageCode.canonical(language)
        for row in 0..<texts.count { words.insert(texts.string(at: row), language: language) }
    }

    private static func unknown(_ path: String) -> TrainError {
        .unknownInput(
            path: path,
            expected: "test words: <source>-<target>.tsv dictionaries, <L1>-<L2>.csv similarity pairs, a folder of these, "
                + "or a word list <language>.txt")
    }
}
