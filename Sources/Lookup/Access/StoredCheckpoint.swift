import Encoder
import Evaluation
import Fingerprinting
import Lexicon
import Store

/// One checkpoint of a store and what is stored for it, all of one state of the catalogue: words and vectors belong
/// together whatever is published meanwhile.
///
/// Not for several threads at once; the text lists and vector files it hands out are.
package final class StoredCheckpoint {
    private let snapshot: CheckpointSnapshot
    /// Results the catalogue had in the same state; empty unless they were asked for.
    package let results: StoredResults.Selection
    /// Those encoded with the weights the checkpoint has now, sorted by name.
    package let collections: [CollectionRecord]
    /// Those encoded with earlier weights: their vectors cannot be compared with the others'.
    package let staleCollections: [CollectionRecord]
    private var layerRecords: [String: [LayerRecord]] = [:]

    package init(_ snapshot: CheckpointSnapshot, results: StoredResults.Selection = .init()) {
        self.snapshot = snapshot
        self.results = results
        let now = snapshot.checkpoint.fingerprint
        collections = snapshot.collections.filter { $0.checkpointFingerprint == now }
        staleCollections = snapshot.collections.filter { $0.checkpointFingerprint != now }
    }

    package var store: Store { snapshot.store }
    /// Number of the state of the catalogue that all of this is of.
    package var state: Int { snapshot.state }
    package var record: CheckpointRecord { snapshot.checkpoint }
    package var name: String { record.name }

    /// Codes of the languages with stored words, sorted as the collections are.
    package var languages: [String] {
        collections.compactMap(\.wordLanguage)
    }

    /// The words of a language: the collection with this very code, else the one whose code means the same language
    /// (FIN, fin and fi are one).
    package func words(_ language: String) -> CollectionRecord? {
        collections.first { $0.wordLanguage?.utf8.elementsEqual(language.utf8) == true }
            ?? Self.words(language, among: collections)
    }

    /// The words of a language that were encoded with earlier weights.
    func staleWords(_ language: String) -> String? {
        Self.words(language, among: staleCollections)?.collection
    }

    private static func words(_ language: String, among collections: [CollectionRecord]) -> CollectionRecord? {
        collections.first { $0.wordLanguage.map { LanguageCode.areSame($0, language) } == true }
    }

    /// Why a language's words cannot be used, for messages.
    func reasonWithoutWords(_ language: String) -> String {
        staleWords(language).map { "\($0) was encoded with earlier weights; build it again" }
            ?? "no words/\(language) in the store"
    }

    /// - Throws: `LookupError.unknownLanguage` with the languages there are, `staleCollection`.
    package func requireWords(_ language: String) throws -> CollectionRecord {
        if let found = words(language) { return found }
        if let stale = staleWords(language) {
            throw LookupError.staleCollection(folder: store.folder, checkpoint: name, collection: stale)
        }
        throw LookupError.unknownLanguage(
            folder: store.folder, checkpoint: name, language: language, known: languages)
    }

    /// How texts of these collections became vectors, which must be alike for them to be compared.
    /// - Returns: nil for the paper's, and for no collections.
    /// - Throws: `LookupError.mixedPooling` naming two that differ.
    func pooling(of collections: [CollectionRecord]) throws -> [String: String]? {
        guard let first = collections.first else { return nil }
        for other in collections where other.pooling != first.pooling {
            func text(_ record: CollectionRecord) -> String {
                "\(record.collection) (\(record.pooling.map(SentenceConvention.text) ?? "as in the paper"))"
            }
            throw LookupError.mixedPooling(checkpoint: name, first: text(first), second: text(other))
        }
        return first.pooling
    }

    /// Why two collections cannot be compared; nil when they can.
    func reasonAgainst(_ first: CollectionRecord, _ second: CollectionRecord) -> String? {
        do {
            _ = try pooling(of: [first, second])
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// How all words became vectors.
    /// - Throws: `LookupError.mixedPooling`.
    func wordPooling() throws -> [String: String]? {
        try pooling(of: collections.filter { $0.wordLanguage != nil })
    }

    /// Values of a stored word's vector; of words that were pooled in different ways the first one's, and the hidden
    /// size where none is stored.
    func wordDimension() throws -> Int {
        for collection in collections where collection.wordLanguage != nil {
            if let layer = try layers(of: collection).first { return layer.dimension }
        }
        return record.hiddenSize
    }

    /// Ascending by layer.
    package func layers(of collection: CollectionRecord) throws -> [LayerRecord] {
        if let known = layerRecords[collection.collection] { return known }
        let found = try snapshot.layers(of: collection)
        layerRecords[collection.collection] = found
        return found
    }

    package func layer(_ number: Int, of collection: CollectionRecord) throws -> LayerRecord {
        let all = try layers(of: collection)
        if let found = all.first(where: { $0.layer == number }) { return found }
        throw StoreError.unknownLayer(
            folder: store.folder, checkpoint: name, collection: collection.collection, layer: number,
            known: all.map(\.layer))
    }

    package func texts(of collection: CollectionRecord) -> TextList { snapshot.texts(of: collection) }

    /// What a result is computed from that reads these layers of these collections.
    func basis(_ collections: [CollectionRecord], layers: [LayerRecord]) -> ResultBasis {
        ResultBasis(checkpoint: record, collections: collections, layers: layers)
    }

    package func rows(of layer: LayerRecord) throws -> StoredRows {
        StoredRows(name: "\(layer.checkpoint) \(layer.collection) layer \(layer.layer)", file: try store.vectors(layer))
    }
}

/// A layer file as rows the Evaluation room can score.
package struct StoredRows: VectorRows {
    package let name: String
    package let file: VectorFile

    package var rowCount: Int { file.rows }
    package var dimension: Int { file.dimension }

    package func decode(rows: Range<Int>, into output: UnsafeMutablePointer<Float>) throws {
        try file.decode(rows: rows, into: output)
    }

    package func decode(rows: [Int], into output: UnsafeMutablePointer<Float>) throws {
        try file.decode(rows: rows, into: output)
    }
}

extension TextList {
    /// How a word is found in a stored vocabulary: by its bytes, else by those of its lower-cased form.
    package func row(ofWord word: UnsafeBufferPointer<UInt8>) throws -> Int? {
        try VocabularyMatch.row(of: word) { try row(of: $0) }
    }
}
