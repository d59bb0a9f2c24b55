import Files
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
    /// Rows of the file that are not two words.
    package let leftOut: Int
    /// Hash of the languages and all pairs in order.
    package let fingerprint: Fingerprint

    package var count: Int { source.count }

    package init(
        name: String, sourceLanguage: String, targetLanguage: String, path: String, source: TextTable,
        target: TextTable,
        leftOut: Int = 0
    ) {
        precondition(source.count == target.count, "\(source.count) source words, \(target.count) target words")
        self.name = name
        self.sourceLanguage = sourceLanguage
        self.targetLanguage = targetLanguage
        self.path = path
        self.source = source
        self.target = target
        self.leftOut = leftOut
        let builder = FingerprintBuilder()
        builder.combine("dictionary 1")
        builder.combine(sourceLanguage)
        builder.combine(targetLanguage)
        source.combine(into: builder)
        target.combine(into: builder)
        fingerprint = builder.finish()
    }
}

/// Reads bilingual dictionaries: two columns, no header, one pair a line (`PairedLines` has the layout).
///
/// No word means "missing": `null`, `nan` and `NA` are words. A row that is not two words is left out and counted, and
/// a remark says how many; MUSE goes on likewise.
package enum DictionaryReader {
    /// Languages are told by the file's name.
    /// - Throws: `LexiconError`, `FileError`, `SystemFault`.
    package static func read(path: String, isStrict: Bool = false) throws -> BilingualDictionary {
        guard let file = DictionaryFolder.file(path) else {
            throw LexiconError.unknownName(
                path: path, expected: "<source>-<target> in a name that ends in .tsv, .trans or .txt (or packed)")
        }
        return try read(file, isStrict: isStrict)
    }

    package static func read(_ file: DictionaryFolder.File, isStrict: Bool = false) throws -> BilingualDictionary {
        try read(
            path: file.path, sourceLanguage: file.sourceLanguage, targetLanguage: file.targetLanguage,
            isStrict: isStrict)
    }

    /// Languages are given.
    /// - Parameters:
    ///   - isStrict: whether a row that is not two words is an error.
    ///   - isSilent: whether nothing is said of rows left out, because it was when they were scored.
    package static func read(
        path: String, sourceLanguage: String, targetLanguage: String, isStrict: Bool = false, isSilent: Bool = false
    ) throws -> BilingualDictionary {
        let pairs = try PairedLines.read(path: path, isStrict: isStrict, expected: "at least one word pair")
        if !isSilent, let first = pairs.firstLeftOut {
            let rows =
                pairs.leftOut == 1 ? "1 row that is not two words" : "\(pairs.leftOut) rows that are not two words"
            InputRemark.say("\(path): left out \(rows), the first: \(first)")
        }
        return BilingualDictionary(
            name: "\(sourceLanguage)-\(targetLanguage)", sourceLanguage: sourceLanguage,
            targetLanguage: targetLanguage, path: path, source: pairs.first, target: pairs.second,
            leftOut: pairs.leftOut)
    }
}
