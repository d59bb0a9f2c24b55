import Fingerprinting
import Lexicon
import Store

/// Two stored collections of one sentence set: `sentences/fra-eng/fra` and `sentences/fra-eng/eng`.
struct StoredSentenceSet {
    /// "fra-eng"
    let name: String
    /// English, or the second language of the set's name.
    let queries: CollectionRecord
    let candidates: CollectionRecord

    /// The sets of a checkpoint, sorted by name.
    /// - Parameter incomplete: told about sets that do not have exactly two languages.
    static func all(in checkpoint: StoredCheckpoint, incomplete: (String) -> Void) -> [StoredSentenceSet] {
        var names: [String] = []
        var sides: [String: [(language: String, collection: CollectionRecord)]] = [:]
        for collection in checkpoint.collections {
            guard case .sentences(let set, let language) = collection.name else { continue }
            if sides[set] == nil { names.append(set) }
            sides[set, default: []].append((language, collection))
        }
        return names.sorted().compactMap { name in
            let found = sides[name] ?? []
            guard found.count == 2 else {
                let languages = found.map(\.language).joined(separator: ", ")
                incomplete("sentences/\(name): expected two languages, found \(found.count) (\(languages))")
                return nil
            }
            let english = found.firstIndex { LanguageCode.areSame($0.language, "en") }
            let second = found.firstIndex { name.hasSuffix("-" + $0.language) }
            let queries = english ?? second ?? 1
            return StoredSentenceSet(
                name: name, queries: found[queries].collection, candidates: found[1 - queries].collection)
        }
    }

    /// Of the two files its sentences come from, whatever was left out of them.
    var fingerprint: Fingerprint {
        let builder = FingerprintBuilder()
        builder.combine("sentence set")
        builder.combine(queries.sourceFingerprint)
        builder.combine(candidates.sourceFingerprint)
        return builder.finish()
    }

    /// Which sentences translate each other: those that come from the same line of their files.
    struct Alignment {
        /// The candidate row of each query row; nil where the translation has no vector.
        let gold: [Int?]
        /// The line of each query row, from 1.
        let lines: [Int]
    }

    func alignment(in checkpoint: StoredCheckpoint) throws -> Alignment {
        var rowOfLine: [UInt32: Int] = [:]
        try checkpoint.texts(of: candidates).forEach { row, _, line in rowOfLine[line] = row }
        let texts = checkpoint.texts(of: queries)
        var gold = [Int?](repeating: nil, count: texts.count)
        var lines = [Int](repeating: 0, count: texts.count)
        try texts.forEach { row, _, line in (gold[row], lines[row]) = (rowOfLine[line], Int(line)) }
        return Alignment(gold: gold, lines: lines)
    }
}
