import Lexicon

/// A dictionary to be scored, and the data set it belongs to.
package struct EvaluationDictionary {
    package let dataset: String
    package let dictionary: BilingualDictionary

    /// The dictionaries of some folders.
    /// - Parameters:
    ///   - dataset: the data set's name; nil for the folders' own.
    ///   - pairs: only these, as the files are named; empty for all.
    /// - Throws: `LexiconError`, `LookupError.unknownPair`.
    package static func read(_ folders: [String], dataset: String?, pairs: [String]) throws -> [EvaluationDictionary] {
        var entries: [EvaluationDictionary] = []
        var unseen = Set(pairs)
        var names: [String] = []
        for folder in folders {
            for file in try DictionaryFolder.list(folder) {
                names.append(file.name)
                if !pairs.isEmpty, !pairs.contains(file.name) { continue }
                unseen.remove(file.name)
                entries.append(
                    EvaluationDictionary(
                        dataset: dataset ?? DatasetName.of(folder), dictionary: try DictionaryReader.read(file)))
            }
        }
        // The first that was asked for, so that the message does not vary.
        if let missing = pairs.first(where: unseen.contains) {
            throw LookupError.unknownPair(folder: folders.joined(separator: ", "), name: missing, known: names.sorted())
        }
        return entries
    }
}

/// What a data set is called when nobody says: its folder.
package enum DatasetName {
    package static func of(_ folder: String) -> String {
        let parts = folder.split(separator: "/").filter { $0 != "." }
        guard let last = parts.last, last != ".." else { return "dataset" }
        return String(last)
    }
}
