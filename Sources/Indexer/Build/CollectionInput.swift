import Fingerprinting
import Lexicon
import Store

/// A list of texts to encode: a vocabulary, or one side of a sentence set.
struct CollectionInput: Sendable {
    enum Kind: Sendable { case words, sentences }

    /// "words/fi", "sentences/fra-eng/fra".
    let name: String
    let kind: Kind
    let texts: TextTable
    /// Position of each text in its file, from 1; nil when that is its row + 1.
    let ranks: [UInt32]?
    /// Entries the reader left out, by reason.
    let leftOut: [String: Int]
    /// Absolute path of the file; of both files with a comma between for a sentence set of two.
    let source: String
    /// Entries asked for from the start of the source; nil for all.
    let top: Int?
    let fingerprint: Fingerprint

    /// Entries asked for: texts and what the reader left out.
    var entryCount: Int { leftOut.values.reduce(texts.count, +) }

    func rank(at row: Int) -> UInt32 { ranks?[row] ?? UInt32(clamping: row + 1) }

    init(
        name: String, kind: Kind, texts: TextTable, ranks: [UInt32]?, leftOut: [String: Int], source: String,
        top: Int? = nil, fingerprint: Fingerprint
    ) {
        self.name = name
        self.kind = kind
        self.texts = texts
        self.ranks = ranks
        self.leftOut = leftOut.filter { $0.value > 0 }
        self.source = source
        self.top = top
        self.fingerprint = fingerprint
    }

    init(_ vocabulary: Vocabulary, top: Int?) {
        self.init(
            name: CollectionName.words(language: vocabulary.language).description, kind: .words,
            texts: vocabulary.words, ranks: vocabulary.ranks,
            leftOut: [
                "duplicate": vocabulary.duplicates, "empty": vocabulary.emptyEntries, "unreadable": vocabulary.badLines,
            ],
            source: AbsolutePath.of(vocabulary.path),
            top: top, fingerprint: vocabulary.fingerprint)
    }

    /// Both sides of a sentence set, first language first.
    /// - Parameter files: the set's file or two files.
    static func sides(of set: SentenceSet, files: [String]) -> [CollectionInput] {
        let source = files.map(AbsolutePath.of).joined(separator: ",")
        return [(set.firstLanguage, set.first), (set.secondLanguage, set.second)].map { language, texts in
            let builder = FingerprintBuilder()
            builder.combine("side")
            builder.combine(set.fingerprint)
            builder.combine(language)
            return CollectionInput(
                name: CollectionName.sentences(set: set.name, language: language).description, kind: .sentences,
                texts: texts, ranks: set.lines, leftOut: ["unreadable": set.leftOut],
                source: source, fingerprint: builder.finish())
        }
    }
}
