import Store

/// A stored vocabulary that has a word, and where.
struct StoredWord {
    let collection: CollectionRecord
    let row: Int
    /// Position in the vocabulary file, from 1.
    let rank: UInt32
    /// The spelling that is stored: the word's own, or its lower-cased form.
    let matched: String

    var language: String { collection.title }
}

extension StoredCheckpoint {
    /// The word in one vocabulary, as written or else lower-cased; nil when it is not there.
    func find(_ word: String, in collection: CollectionRecord) throws -> StoredWord? {
        let texts = texts(of: collection)
        var word = word
        guard let row = try word.withUTF8({ try texts.row(ofWord: $0) }) else { return nil }
        let entry = try texts.entry(at: row)
        return StoredWord(collection: collection, row: row, rank: entry.rank, matched: entry.text)
    }

    /// Where a word is stored: in the source language if given, else in all, most frequent first. The target language
    /// itself comes last: who asks for Finnish seldom asks in Finnish.
    func find(_ word: String, source: CollectionRecord?, target: CollectionRecord) throws -> [StoredWord] {
        let collections = source.map { [$0] } ?? collections.filter { $0.wordLanguage != nil }
        return try collections.compactMap { try find(word, in: $0) }.sorted {
            ($0.collection.collection == target.collection ? 1 : 0, $0.rank, $0.collection.collection)
                < ($1.collection.collection == target.collection ? 1 : 0, $1.rank, $1.collection.collection)
        }
    }
}
