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
