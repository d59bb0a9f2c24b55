import Files

/// The dictionaries that a folder stands for: its own, else those of the folders in it.
///
/// Each inner folder with dictionaries is a data set, but for folders that are named like a pair: the paper's code and
/// xling-eval keep the files of each pair in a folder of their own (`glavas/de-fi/yacle.test.freq.2k.de-fi.tsv`), and
/// the folder around them is the data set. Both may lie one folder further in (`bli_datasets/glavas/de-fi/`).
package struct DictionaryTree: Sendable {
    package struct DataSet: Sendable, Equatable {
        /// What names the data set.
        package let folder: String
        /// Sorted by name.
        package fileprivate(set) var files: [DictionaryFolder.File]
        /// Names, relative to `folder`, of what is not read.
        package fileprivate(set) var ignored: [String]
    }

    /// A data set, the folders of its pairs.
    private static let levels = 2

    /// Sorted by folder; none is empty.
    package private(set) var sets: [DataSet]

    /// - Throws: `LexiconError` (two test dictionaries for one pair in a data set, none at all), `FileError`,
    ///   `SystemFault`.
    package init(_ folder: String) throws {
        do {
            let own = try DictionaryFolder(folder)
            sets = [DataSet(folder: folder, files: own.files, ignored: own.ignored)]
        } catch LexiconError.nothingFound(let place, let expected, let ignored) {
            sets = []
            try collect(folder, levels: Self.levels)
            guard !sets.isEmpty else {
                throw LexiconError.nothingFound(folder: place, expected: expected, ignored: ignored)
            }
        }
    }

    /// Says what of each data set nobody reads.
    package func sayLeftOut() {
        for set in sets {
            LeftOutFiles.say(
                set.ignored, of: set.folder,
                because: "training sets, full sets beside them, or no name of a dictionary; "
                    + "a file that is named is read whatever it is")
        }
    }

    private mutating func collect(_ folder: String, levels: Int) throws {
        for name in try FolderListing.names(of: folder) {
            let inner = InputFileName.join(folder, name)
            guard FolderListing.isFolder(inner) else { continue }
            do {
                let found = try DictionaryFolder(inner)
                if InputFileName.pair(name) == nil {
                    sets.append(DataSet(folder: inner, files: found.files, ignored: found.ignored))
                } else {
                    try add(found, of: name, to: folder)
                }
            } catch LexiconError.nothingFound {
                if levels > 1 { try collect(inner, levels: levels - 1) }
            }
        }
    }

    /// The dictionaries of one pair's folder become part of the data set around it.
    private mutating func add(_ found: DictionaryFolder, of name: String, to folder: String) throws {
        let ignored = found.ignored.map { InputFileName.join(name, $0) }
        guard let place = sets.firstIndex(where: { $0.folder == folder }) else {
            sets.append(DataSet(folder: folder, files: found.files, ignored: ignored))
            return
        }
        for file in found.files {
            if let other = sets[place].files.first(where: { $0.name == file.name }) {
                throw LexiconError.ambiguous(
                    folder: folder, what: "test dictionaries of '\(file.name)'", first: other.path, second: file.path)
            }
        }
        sets[place].files += found.files
        sets[place].ignored += ignored
    }
}
