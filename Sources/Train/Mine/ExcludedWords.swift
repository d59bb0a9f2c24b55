import ArgumentParser
import Diagnostics
import Files
import Lexicon

/// Words of test sets, which training must not see (paper §4).
struct ExcludedWords: Sendable {
    /// `--exclude-scope`
    enum Scope: String, ExpressibleByArgument, CaseIterable, Sendable {
        /// A word is banned in its own language, whatever its case.
        case language
        /// A word is banned in every language, as it is written.
        case everywhere
    }

    let scope: Scope
    /// Whether words are brought to NFC.
    let composes: Bool
    /// Words that were in another normal form.
    private(set) var composedCount = 0
    /// `language`: "language TAB lower-cased word"; `everywhere`: the word as written.
    private var index = TextIndex()

    init(scope: Scope = .language, composes: Bool = true) {
        self.scope = scope
        self.composes = composes
    }

    var count: Int { index.count }

    /// - Parameter language: canonical code; nil when the file does not tell it: then the word is banned in every
    ///   language.
    mutating func insert(_ word: String, language: String?) {
        let text = composes ? WordCleaning.composed(word) : word
        if composes, !text.utf8.elementsEqual(word.utf8) { composedCount += 1 }
        switch scope {
        case .language: index.insert("\(language ?? "")\t\(ReferenceLowercase.lower(text))")
        case .everywhere: index.insert(text)
        }
    }

    /// - Parameter lowered: the word lower-cased, which every caller has at hand.
    func contains(_ word: String, lowered: String, language: String) -> Bool {
        if index.count == 0 { return false }
        switch scope {
        case .language: return index.contains("\(language)\t\(lowered)") || index.contains("\t\(lowered)")
        case .everywhere: return index.contains(word)
        }
    }
}

/// Reads the words of test sets: bilingual dictionaries, similarity pairs, plain word lists, or folders of the first
/// two with the folders in them.
enum TestSetWords {
    /// - Parameter path: a file or a folder as 'query bli' and 'query xlsim' take them, or a word list named
    ///   `<language>.txt`.
    /// - Parameter isStrict: whether a row of a dictionary that is not two words is an error.
    /// - Throws: `LexiconError`, `FileError`, `TrainError`, `SystemFault`.
    static func read(_ path: String, isStrict: Bool = false, into words: inout ExcludedWords) throws {
        guard FolderListing.isFolder(path) else { return try readFile(path, isStrict: isStrict, into: &words) }
        let paths = try FolderTree(path).files.map { path + "/" + $0 }
        let (dictionaries, others) = DictionaryFolder.testFiles(among: paths)
        let similarities = others.filter { SimilarityReader.isName($0) }
        for file in dictionaries { add(try DictionaryReader.read(file, isStrict: isStrict), to: &words) }
        for file in similarities { add(try SimilarityReader.read(path: file), to: &words) }
        if dictionaries.isEmpty && similarities.isEmpty { throw unknown(path) }
        LeftOutFiles.say(
            others.filter { !similarities.contains($0) && !FolderTree.isAttachment($0) }.map {
                String($0.dropFirst(path.count + 1))
            },
            of: path, because: "training sets, full sets beside them, or no name of a test set")
    }

    private static func readFile(_ path: String, isStrict: Bool, into words: inout ExcludedWords) throws {
        let name = String(path.split(separator: "/").last ?? "")
        if let file = DictionaryFolder.file(path) {
            add(try DictionaryReader.read(file, isStrict: isStrict), to: &words)
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
            expected:
                "test words: <source>-<target>.tsv dictionaries, <L1>-<L2>.csv similarity pairs, a folder of these, "
                + "or a word list <language>.txt")
    }
}
