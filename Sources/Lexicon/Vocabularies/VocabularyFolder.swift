import Files

/// The vocabularies in a folder, told by their names.
///
/// Recognised, each also with `.gz`: `fi.txt`, `fi.vec`, `fi_vocab.txt`, `wiki.fi.vec`, `cc.fi.300.vec`. A code is
/// two or three lower-case letters, with subtags after `-` or `_` (`zh_classical`, `sr-Latn`).
package struct VocabularyFolder: Sendable {
    package struct File: Sendable, Equatable {
        package let language: String
        package let path: String
    }

    /// Sorted by language.
    package let files: [File]
    /// Names in the folder that are no vocabularies.
    package let ignored: [String]

    /// - Throws: `LexiconError` (missing folder, two files for one language, no vocabulary at all), `SystemFault`.
    package init(_ folder: String) throws {
        var files: [File] = []
        var ignored: [String] = []
        for name in try FolderListing.names(of: folder) {
            if let language = Self.language(ofFile: name) {
                files.append(File(language: language, path: InputFileName.join(folder, name)))
            } else {
                ignored.append(name)
            }
        }
        files.sort { ($0.language, $0.path) < ($1.language, $1.path) }
        for (one, other) in zip(files, files.dropFirst()) where one.language == other.language {
            throw LexiconError.ambiguous(
                folder: folder, what: "vocabularies of '\(one.language)'", first: InputFileName.last(one.path),
                second: InputFileName.last(other.path))
        }
        guard !files.isEmpty else {
            throw LexiconError.nothingFound(
                folder: folder, expected: "vocabularies named <language>.txt or .vec (or .gz of these)",
                ignored: ignored)
        }
        self.files = files
        self.ignored = ignored
    }

    /// The vocabularies in a folder, sorted by language.
    package static func list(_ folder: String) throws -> [(language: String, path: String)] {
        try VocabularyFolder(folder).files.map { ($0.language, $0.path) }
    }

    /// The language a vocabulary's file name tells, or nil when the name is none of a vocabulary.
    package static func language(ofFile name: String) -> String? {
        let parts = InputFileName.parts(name)
        let code: String
        switch parts.count {
        case 2 where parts[1] == "txt" && parts[0].hasSuffix("_vocab"): code = String(parts[0].dropLast(6))
        case 2 where parts[1] == "txt" || parts[1] == "vec": code = parts[0]
        case 3 where parts[0] == "wiki" && parts[2] == "vec": code = parts[1]
        case 4
        where parts[0] == "cc" && parts[3] == "vec" && !parts[2].isEmpty
            && parts[2].utf8.allSatisfy({ (0x30...0x39).contains($0) }):
            code = parts[1]
        default: return nil
        }
        // "en-de.txt" is a dictionary (MUSE names them so), not English as used in a place called "de".
        return LanguageCode.isWellFormed(code) && InputFileName.pair(code) == nil ? code : nil
    }
}
