import Lexicon
import Store

/// Where the texts of a vocabulary or of both sides of a sentence set lie.
struct InputSource: Codable, Hashable, Sendable {
    /// "words/fi", "sentences/fra-eng".
    let name: String
    /// One for a vocabulary; a sentence set's two, in its order.
    let languages: [String]
    /// One, or a sentence set's two, in the order of its languages.
    let files: [String]

    init(vocabulary path: String, language: String) {
        name = CollectionName.words(language: language).description
        languages = [language]
        files = [path]
    }

    init(_ set: SentenceFolder.Files) {
        name = "sentences/" + set.name
        languages = [set.firstLanguage, set.secondLanguage]
        files = [set.first] + (set.second.map { [$0] } ?? [])
    }

    private init(name: String, languages: [String], files: [String]) {
        self.name = name
        self.languages = languages
        self.files = files
    }

    /// The same with absolute paths.
    var located: InputSource {
        InputSource(name: name, languages: languages, files: files.map(AbsolutePath.of))
    }

    var kind: CollectionInput.Kind { languages.count == 1 ? .words : .sentences }

    /// Whether it has the parts its kind must have; what is read from a file may be anything.
    var isWhole: Bool {
        if case .words(let language)? = CollectionName(name) { return languages == [language] && files.count == 1 }
        return name.hasPrefix("sentences/") && languages.count == 2 && (1...2).contains(files.count)
    }

    /// - Returns: one collection for a vocabulary, both sides of a sentence set.
    /// - Throws: `LexiconError`, `SystemFault`.
    func read(top: Int, skippingBadLines: Bool) throws -> [CollectionInput] {
        if languages.count == 1 {
            return [
                CollectionInput(
                    try VocabularyReader.read(
                        path: files[0], language: languages[0], top: top, skippingBadLines: skippingBadLines),
                    top: top)
            ]
        }
        let set = SentenceFolder.Files(
            name: String(name.dropFirst("sentences/".count)), firstLanguage: languages[0],
            secondLanguage: languages[1], first: files[0], second: files.count > 1 ? files[1] : nil)
        return CollectionInput.sides(
            of: try SentenceSetReader.read(set, skippingBadLines: skippingBadLines), files: files)
    }
}
