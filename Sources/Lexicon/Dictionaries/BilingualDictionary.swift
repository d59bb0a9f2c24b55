import Fingerprinting

/// Word pairs of two languages, each pair a query of its own; repeats are kept.
package struct BilingualDictionary: Sendable {
    /// "de-fi".
    package let name: String
    package let sourceLanguage: String
    package let targetLanguage: String
    package let path: String
    /// Row i of `target` translates row i of `source`.
    package let source: TextTable
    package let target: TextTable
    /// Hash of the languages and all pairs in order.
    package let fingerprint: Fingerprint

    package var count: Int { source.count }

    package init(
        name: String, sourceLanguage: String, targetLanguage: String, path: String, source: TextTable, target: TextTable
    ) {
        precondition(source.count == target.count, "\(source.count) source words, \(target.count) target words")
        self.name = name
        self.sourceLanguage = sourceLanguage
        self.targetLanguage = targetLanguage
        self.path = path
        self.source = source
        self.target = target
        let builder = FingerprintBuilder()
        builder.combine("dictionary 1")
        builder.combine(sourceLanguage)
        builder.combine(targetLanguage)
        source.combine(into: builder)
        target.combine(into: builder)
        fingerprint = builder.finish()
    }
}

/// Reads bilingual dictionaries: two columns, no header, one pair a line.
///
/// `.tsv` and `.trans` files are tab-separated and their cells are kept to the byte, inner and outer spaces included.
/// In `.txt` files (MUSE) a line without a tab holds exactly two words separated by spaces. No word means "missing":
/// `null`, `nan` and `NA` are words.
package enum DictionaryReader {
    /// Languages are told by the file's name.
    /// - Throws: `LexiconError`, `SystemFault`.
    package static func read(path: String) throws -> BilingualDictionary {
        guard let file = DictionaryFolder.file(path) else {
            throw LexiconError.unknownName(
                path: path, expected: "<source>-<target> in a name that ends in .tsv, .trans or .txt (or .gz)")
        }
        return try read(file)
    }

    package static func read(_ file: DictionaryFolder.File) throws -> BilingualDictionary {
        try read(path: file.path, sourceLanguage: file.sourceLanguage, targetLanguage: file.targetLanguage)
    }

    /// Languages are given, the file's name tells only whether spaces separate (`.txt`).
    package static func read(
        path: String, sourceLanguage: String, targetLanguage: String
    ) throws -> BilingualDictionary {
        let allowsSpaces = InputFileName.plain(path).hasSuffix(".txt")
        let (source, target) = try PairedLines.read(
            path: path, allowsSpaces: allowsSpaces, expected: "at least one word pair")
        return BilingualDictionary(
            name: "\(sourceLanguage)-\(targetLanguage)", sourceLanguage: sourceLanguage,
            targetLanguage: targetLanguage, path: path, source: source, target: target)
    }
}
