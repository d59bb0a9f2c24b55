import Files

/// The bilingual dictionaries in a folder, told by their names.
///
/// A dictionary's name holds its languages, `de-fi`, as one part between dots: `de-fi.tsv`, `de-fi.test.tsv`,
/// `th-et.test.2000.cc.trans`, `yacle.test.freq.2k.de-fi.tsv`, `en-de.txt`, each also packed. It is a training
/// dictionary when a part is `train` or a range that starts at 0 (`0-5000`). MUSE's three files of a pair are known as
/// the set they are: `en-de.5000-6500.txt` is the test set, `en-de.0-5000.txt` the training set, and `en-de.txt`, which
/// holds both, is left out beside either.
package struct DictionaryFolder: Sendable {
    package struct File: Sendable, Equatable {
        package let sourceLanguage: String
        package let targetLanguage: String
        package let isTraining: Bool
        package let path: String

        package var name: String { "\(sourceLanguage)-\(targetLanguage)" }

        package init(sourceLanguage: String, targetLanguage: String, isTraining: Bool, path: String) {
            self.sourceLanguage = sourceLanguage
            self.targetLanguage = targetLanguage
            self.isTraining = isTraining
            self.path = path
        }
    }

    /// Sorted by name, test dictionaries before training ones.
    package let files: [File]
    /// Names in the folder that are not read: no dictionaries, or training ones and full ones beside a test set.
    package let ignored: [String]

    /// - Parameter includingTraining: whether training dictionaries are listed or ignored.
    /// - Throws: `LexiconError` (two dictionaries for one pair, none at all), `FileError`, `SystemFault`.
    package init(_ folder: String, includingTraining: Bool = false) throws {
        var files: [File] = []
        var ignored: [String] = []
        for name in try FolderListing.names(of: folder) {
            if let file = Self.file(InputFileName.join(folder, name)) {
                files.append(file)
            } else {
                ignored.append(name)
            }
        }
        let ranged = Set(files.filter { Self.range(of: $0.path) != nil }.map(\.name))
        files = files.filter { file in
            let isFull = InputFileName.parts(InputFileName.last(file.path)).count == 2
            let isLeftOut = isFull && ranged.contains(file.name) || file.isTraining && !includingTraining
            if isLeftOut { ignored.append(InputFileName.last(file.path)) }
            return !isLeftOut
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
                folder: folder, expected: "dictionaries named <source>-<target>.test.tsv, .tsv or .txt",
                ignored: ignored)
        }
        self.files = files
        self.ignored = ignored
    }

    /// Whether a folder's name is a pair's, `de-fi`.
    package static func isPair(_ name: String) -> Bool { InputFileName.pair(name) != nil }

    /// `en-it=path` taken apart; no languages when what stands before the `=` is no pair of codes.
    package static func named(_ argument: String) -> (pair: (String, String)?, path: String) {
        guard let equals = argument.firstIndex(of: "="), let pair = InputFileName.pair(String(argument[..<equals]))
        else {
            return (nil, argument)
        }
        return (pair, String(argument[argument.index(after: equals)...]))
    }

    /// The test dictionaries among files of any folders, and those that are none: training sets, full sets beside them,
    /// other names.
    package static func testFiles(among paths: [String]) -> (files: [File], others: [String]) {
        let known = paths.map { (path: $0, file: file($0)) }
        let ranged = Set(
            known.compactMap { $0.file }.filter { range(of: $0.path) != nil }.map {
                "\(InputFileName.folder($0.path))\t\($0.name)"
            })
        var files: [File] = []
        var others: [String] = []
        for (path, file) in known {
            let isFull = InputFileName.parts(InputFileName.last(path)).count == 2
            if let file, !file.isTraining, !(isFull && ranged.contains("\(InputFileName.folder(path))\t\(file.name)")) {
                files.append(file)
            } else {
                others.append(path)
            }
        }
        return (files, others)
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

    /// "5000-6500" of MUSE's `en-de.5000-6500.txt`.
    private static func range(of path: String) -> Substring? {
        InputFileName.parts(InputFileName.last(path)).lazy.map { $0[...] }.first { part in
            let ends = part.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            return ends.count == 2 && ends.allSatisfy { !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }
        }
    }
}
