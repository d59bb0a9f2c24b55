import Files

/// The bilingual dictionaries in a folder (that folder alone, not those inside it), told by their names.
///
/// A dictionary's name holds its languages, `de-fi`, as one part between dots: `de-fi.tsv`, `de-fi.test.tsv`,
/// `th-et.test.2000.cc.trans`, `yacle.test.freq.2k.de-fi.tsv`, `en-de.txt`, `en-de.5000-6500.txt`, each also with
/// `.gz`. It is a training dictionary when a part is `train` or, as MUSE names them, a range that starts at 0
/// (`0-5000`).
package struct DictionaryFolder: Sendable {
    package struct File: Sendable, Equatable {
        package let sourceLanguage: String
        package let targetLanguage: String
        package let isTraining: Bool
        package let path: String

        package var name: String { "\(sourceLanguage)-\(targetLanguage)" }
    }

    /// Sorted by name, test dictionaries before training ones.
    package let files: [File]
    package let ignored: [String]

    /// - Parameter includingTraining: whether training dictionaries are listed or ignored.
    /// - Throws: `LexiconError` (missing folder, two dictionaries for one pair, none at all), `SystemFault`.
    package init(_ folder: String, includingTraining: Bool = false) throws {
        var files: [File] = []
        var ignored: [String] = []
        for name in try FolderListing.names(of: folder) {
            let path = InputFileName.join(folder, name)
            if let file = Self.file(path), includingTraining || !file.isTraining {
                files.append(file)
            } else {
                ignored.append(name)
            }
        }
        files.sort { ($0.name, $0.isTraining ? 1 : 0, $0.path) < ($1.name, $1.isTraining ? 1 : 0, $1.path) }
        for (one, other) in zip(files, files.dropFirst())
        where one.name == other.name && one.isTraining == other.isTraining {
            throw LexiconError.ambiguous(
                folder: folder, what: "\(one.isTraining ? "training" : "test") dictionaries of '\(one.name)'",
                first: InputFileName.last(one.path), second: InputFileName.last(other.path))
        }
        guard !files.isEmpty else {
            throw LexiconError.nothingFound(
                folder: folder, expected: "dictionaries named <source>-<target>.test.tsv or .tsv", ignored: ignored)
        }
        self.files = files
        self.ignored = ignored
    }

    /// The dictionaries in a folder, sorted by name.
    package static func list(_ folder: String, includingTraining: Bool = false) throws -> [File] {
        try DictionaryFolder(folder, includingTraining: includingTraining).files
    }

    /// What the name of a dictionary tells, or nil when it is none of a dictionary.
    package static func file(_ path: String) -> File? {
        let parts = InputFileName.parts(InputFileName.last(path))
        guard parts.count >= 2, ["tsv", "trans", "txt"].contains(parts[parts.count - 1]) else { return nil }
        let pairs = parts.dropLast().compactMap(InputFileName.pair)
        guard pairs.count == 1 else { return nil }
        let isTraining = parts.contains { $0 == "train" || $0.hasPrefix("0-") }
        return File(
            sourceLanguage: pairs[0].first, targetLanguage: pairs[0].second, isTraining: isTraining, path: path)
    }
}
