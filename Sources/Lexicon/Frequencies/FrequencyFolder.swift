import Files

/// The frequency lists in a folder, told by their names: what `VocabularyFolder` recognises, and wordfreq's
/// `large_fi.msgpack.gz` and `small_fi.msgpack.gz`.
///
/// Of a large and a small list of one language the large one is taken, as wordfreq does. Languages are canonical codes
/// (`LanguageCode.canonical`); wordfreq's `fil`, `sh` and `nb` also serve `tl`, `hr` and `no` where these have no list.
package struct FrequencyFolder: Sendable {
    package let folder: String
    /// Sorted by language.
    package let files: [VocabularyFolder.File]

    private static let stand = ["tl": "fil", "hr": "sh", "no": "nb"]

    /// - Throws: `LexiconError` (missing folder, two lists of one language, none at all), `SystemFault`.
    package init(_ folder: String) throws {
        self.folder = folder
        var large: [String: String] = [:]
        var small: [String: String] = [:]
        var plain: [String: String] = [:]
        var ignored: [String] = []
        for name in try FolderListing.names(of: folder) {
            let path = InputFileName.join(folder, name)
            if let packed = Self.packedName(name) {
                if packed.isLarge { large[packed.language] = path } else { small[packed.language] = path }
            } else if let language = VocabularyFolder.language(ofFile: name).map(LanguageCode.canonical) {
                if let other = plain[language] {
                    throw Self.ambiguous(folder, language, other, path)
                }
                plain[language] = path
            } else {
                ignored.append(name)
            }
        }
        var chosen = small.merging(large) { $1 }
        for (language, path) in plain.sorted(by: { $0.key < $1.key }) {
            if let other = chosen[language] { throw Self.ambiguous(folder, language, path, other) }
            chosen[language] = path
        }
        guard !chosen.isEmpty else {
            throw LexiconError.nothingFound(
                folder: folder,
                expected: "frequency lists named <language>.txt, .vec (or .gz of these) or large_<language>.msgpack.gz",
                ignored: ignored)
        }
        LeftOutFiles.say(
            ignored, of: folder, because: "no name of a frequency list: <language>.txt, large_<language>.msgpack.gz")
        for (language, other) in Self.stand where chosen[language] == nil { chosen[language] = chosen[other] }
        files = chosen.map { VocabularyFolder.File(language: $0.key, path: $0.value) }
            .sorted { $0.language < $1.language }
    }

    /// The list of a language, or nil.
    package func path(of language: String) -> String? { files.first { $0.language == language }?.path }

    /// The first entries of a list, most frequent first.
    ///
    /// - Throws: `LexiconError`, `SystemFault`.
    package static func read(path: String, language: String, top: Int) throws -> TextTable {
        precondition(top > 0)
        if InputFileName.plain(path).hasSuffix(".msgpack") {
            return try PackedFrequencies.read(path: path, top: top)
        }
        return try VocabularyReader.read(path: path, language: language, top: top).words
    }

    private static func packedName(_ name: String) -> (language: String, isLarge: Bool)? {
        let parts = InputFileName.parts(name)
        guard parts.count == 2, parts[1] == "msgpack" else { return nil }
        for (prefix, isLarge) in [("large_", true), ("small_", false)] where parts[0].hasPrefix(prefix) {
            let code = String(parts[0].dropFirst(prefix.count))
            if LanguageCode.isWellFormed(code) { return (LanguageCode.canonical(code), isLarge) }
        }
        return nil
    }

    private static func ambiguous(_ folder: String, _ language: String, _ one: String, _ other: String) -> LexiconError
    {
        .ambiguous(
            folder: folder, what: "frequency lists of '\(language)'", first: InputFileName.last(one),
            second: InputFileName.last(other))
    }
}
