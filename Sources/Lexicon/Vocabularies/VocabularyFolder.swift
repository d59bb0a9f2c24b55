import Files

/// The vocabularies in a folder, told by their names.
///
/// Recognised, each also packed (`.gz`, `.bz2`, `.xz`, `.zst`, `.zip`): `fi.txt`, `fi.vec`, `fi_vocab.txt`,
/// `fi_50k.txt`, `fi_full.txt` (FrequencyWords), `wiki.fi.vec`, `wiki.fi.align.vec`, `wiki.multi.fi.vec`,
/// `cc.fi.300.vec` (fastText, MUSE), `vectors-fi.txt` (what MUSE exports), `wiki.fi.zip`. A code is two or three
/// lower-case letters, with subtags after `-` or `_` (`zh_classical`, `sr-Latn`).
package struct VocabularyFolder: Sendable {
    package struct File: Sendable, Equatable {
        package let language: String
        package let path: String
    }

    /// Sorted by language.
    package let files: [File]
    /// Names in the folder that are no vocabularies.
    package let ignored: [String]
    private let folder: String

    /// - Throws: `LexiconError` (two files for one language, no vocabulary at all), `FileError`, `SystemFault`.
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
                folder: folder,
                expected: "vocabularies named <language>.txt or .vec, wiki.<language>.vec or the like "
                    + "(give a file with another name as --vocabulary <language>=FILE)",
                ignored: ignored)
        }
        self.folder = folder
        self.files = files
        self.ignored = ignored
    }

    /// The vocabularies in a folder, sorted by language; what is left out is said.
    package static func list(_ folder: String) throws -> [(language: String, path: String)] {
        let found = try VocabularyFolder(folder)
        LeftOutFiles.say(
            found.ignored, of: folder, because: "no name of a vocabulary; give one as --vocabulary <language>=FILE")
        return found.files.map { ($0.language, $0.path) }
    }

    /// The language a vocabulary's file name tells, or nil when the name is none of a vocabulary.
    package static func language(ofFile name: String) -> String? {
        let parts = InputFileName.parts(name)
        let code: String
        switch parts.count {
        case 2 where parts[1] == "txt": code = Self.code(ofList: parts[0])
        case 2 where parts[1] == "vec": code = parts[0]
        // fastText's archive of a model and its vectors.
        case 2 where parts[0] == "wiki" && PackedName.ending(of: name) == ".zip": code = parts[1]
        case 3 where parts[0] == "wiki" && parts[2] == "vec": code = parts[1]
        case 4 where parts[0] == "wiki" && parts[2] == "align" && parts[3] == "vec": code = parts[1]
        case 4 where parts[0] == "wiki" && parts[1] == "multi" && parts[3] == "vec": code = parts[2]
        case 4
        where parts[0] == "cc" && parts[3] == "vec" && !parts[2].isEmpty
            && parts[2].utf8.allSatisfy({ (0x30...0x39).contains($0) }):
            code = parts[1]
        default: return nil
        }
        // "en-de.txt" is a dictionary (MUSE names them so), not English as used in a place called "de".
        return LanguageCode.isWellFormed(code) && InputFileName.pair(code) == nil ? code : nil
    }

    /// "fi", "fi_vocab", "fi_50k", "fi_full", "vectors-fi" → "fi".
    private static func code(ofList stem: String) -> String {
        if stem.hasPrefix("vectors-") { return String(stem.dropFirst(8)) }
        guard let underscore = stem.lastIndex(of: "_") else { return stem }
        let ending = stem[stem.index(after: underscore)...]
        let isSize =
            ending.utf8.last == UInt8(ascii: "k") && ending.utf8.count > 1
            && ending.utf8.dropLast().allSatisfy { (0x30...0x39).contains($0) }
        return ending == "vocab" || ending == "full" || isSize ? String(stem[..<underscore]) : stem
    }
}
