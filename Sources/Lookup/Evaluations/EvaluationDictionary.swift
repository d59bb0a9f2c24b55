import Files
import Lexicon

/// A dictionary to be scored, and the data set it belongs to.
package struct EvaluationDictionary {
    package let dataset: String
    package let dictionary: BilingualDictionary

    /// The dictionaries of some folders and files.
    /// - Parameters:
    ///   - arguments: folders, files whose names tell their languages, and `en-fi=FILE`.
    ///   - dataset: the data set's name; nil for the folders' own.
    ///   - pairs: only these, as the files are named; empty for all.
    ///   - isStrict: whether a row that is not two words is an error.
    /// - Throws: `LexiconError`, `FileError`, `LookupError.unknownPair`, `SystemFault`.
    package static func read(
        _ arguments: [String], dataset: String?, pairs: [String], isStrict: Bool = false
    ) throws -> [EvaluationDictionary] {
        var entries: [EvaluationDictionary] = []
        var unseen = Set(pairs)
        var names: [String] = []
        for argument in arguments {
            for (folder, file) in try files(argument) {
                names.append(file.name)
                if !pairs.isEmpty, !pairs.contains(file.name) { continue }
                unseen.remove(file.name)
                let name = dataset ?? DatasetName.of(folder)
                if let other = entries.first(where: { $0.dataset == name && $0.dictionary.name == file.name }) {
                    throw LexiconError.ambiguous(
                        folder: folder, what: "dictionaries of '\(file.name)' in the data set '\(name)'",
                        first: other.dictionary.path, second: file.path)
                }
                let dictionary = try DictionaryReader.read(file, isStrict: isStrict)
                entries.append(EvaluationDictionary(dataset: name, dictionary: dictionary))
            }
        }
        // The first that was asked for, so that the message does not vary.
        if let missing = pairs.first(where: unseen.contains) {
            throw LookupError.unknownPair(
                folder: arguments.joined(separator: ", "), name: missing, known: names.sorted())
        }
        return entries
    }

    /// Dictionaries that choose layers: one data set, "<folders' names> (validation)", whose results are never taken
    /// for those of a data set that is scored.
    /// - Parameter arguments: as for `read`; none for no dictionaries.
    /// - Throws: as `read`; also when two are of the same pair.
    package static func readValidation(_ arguments: [String], isStrict: Bool) throws -> [EvaluationDictionary] {
        let folders = try arguments.flatMap { try files($0).map(\.folder) }.map(DatasetName.of)
        let name = Set(folders).sorted().joined(separator: "+") + " (validation)"
        return try read(arguments, dataset: name, pairs: [], isStrict: isStrict)
    }

    /// The dictionaries an argument means, each with the folder that names its data set: those of a folder, else those
    /// of the folders in it; or a file.
    private static func files(_ argument: String) throws -> [(folder: String, file: DictionaryFolder.File)] {
        let (pair, path) = DictionaryFolder.named(argument)
        guard FolderListing.isFolder(path) else {
            let parent = DurableFolder.parent(of: path)
            if let pair {
                return [(parent, .init(sourceLanguage: pair.0, targetLanguage: pair.1, isTraining: false, path: path))]
            }
            if let file = DictionaryFolder.file(path) { return [(parent, file)] }
            // A file that is not there has no wrong name.
            _ = try InputFile(path: path)
            throw LexiconError.unknownName(
                path: path, expected: "a name like en-de.tsv, or the pair before the file: en-de=\(path)")
        }
        let found = try DictionaryTree(path)
        found.sayLeftOut()
        return found.sets.flatMap { set in set.files.map { (set.folder, $0) } }
    }
}

/// What a data set is called when nobody says: its folder, or the one around it where that is named like a pair
/// (`glavas/de-fi/`).
package enum DatasetName {
    package static func of(_ folder: String) -> String {
        let parts = folder.split(separator: "/").filter { $0 != "." }.suffix(2)
        guard let last = parts.last, last != ".." else { return "dataset" }
        if parts.count == 2, parts[parts.startIndex] != "..", DictionaryFolder.isPair(String(last)) {
            return String(parts[parts.startIndex])
        }
        return String(last)
    }
}
