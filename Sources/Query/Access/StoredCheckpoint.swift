import Evaluation
import Fingerprinting
import Lexicon
import Store

/// One checkpoint of a store and what is stored for it, read when first asked for.
///
/// Not for several threads at once; the text lists and vector files it hands out are.
final class StoredCheckpoint {
    let store: Store
    let record: CheckpointRecord
    /// Those encoded with the weights the checkpoint has now, sorted by name.
    let collections: [CollectionRecord]
    /// Names of those encoded with earlier weights: their vectors cannot be compared with the others'.
    let staleCollections: [String]
    private var layerRecords: [String: [LayerRecord]] = [:]
    private var lists: [Fingerprint: TextList] = [:]

    init(store: Store, record: CheckpointRecord) throws {
        self.store = store
        self.record = record
        let all = try store.collections(checkpoint: record.name)
        collections = all.filter { $0.checkpointFingerprint == record.fingerprint }
        staleCollections = all.filter { $0.checkpointFingerprint != record.fingerprint }.map(\.collection)
    }

    var name: String { record.name }

    /// Codes of the languages with stored words, sorted as the collections are.
    var languages: [String] {
        collections.compactMap { $0.collection.hasPrefix("words/") ? String($0.collection.dropFirst(6)) : nil }
    }

    /// The words of a language: the collection with this very code, else the one whose code means the same language
    /// (FIN, fin and fi are one).
    func words(_ language: String) -> CollectionRecord? {
        let all = collections.filter { $0.collection.hasPrefix("words/") }
        return all.first { $0.collection.utf8.dropFirst(6).elementsEqual(language.utf8) }
            ?? all.first { LanguageCode.areSame(String($0.collection.dropFirst(6)), language) }
    }

    /// The words of a language that were encoded with earlier weights.
    func staleWords(_ language: String) -> String? {
        staleCollections.first {
            $0.hasPrefix("words/") && LanguageCode.areSame(String($0.dropFirst(6)), language)
        }
    }

    /// Why a language's words cannot be used, for messages.
    func reasonWithoutWords(_ language: String) -> String {
        staleWords(language).map { "\($0) was encoded with earlier weights; build it again" }
            ?? "no words/\(language) in the store"
    }

    /// - Throws: `QueryError.unknownLanguage` with the languages there are, `staleCollection`.
    func requireWords(_ language: String) throws -> CollectionRecord {
        if let found = words(language) { return found }
        if let stale = staleWords(language) {
            throw QueryError.staleCollection(folder: store.folder, checkpoint: name, collection: stale)
        }
        throw QueryError.unknownLanguage(
            folder: store.folder, checkpoint: name, language: language, known: languages)
    }

    /// Ascending by layer.
    func layers(of collection: CollectionRecord) throws -> [LayerRecord] {
        if let known = layerRecords[collection.collection] { return known }
        let found = try store.layers(checkpoint: name, collection: collection.collection)
        layerRecords[collection.collection] = found
        return found
    }

    func layer(_ number: Int, of collection: CollectionRecord) throws -> LayerRecord {
        let all = try layers(of: collection)
        if let found = all.first(where: { $0.layer == number }) { return found }
        throw StoreError.unknownLayer(
            folder: store.folder, checkpoint: name, collection: collection.collection, layer: number,
            known: all.map(\.layer))
    }

    func texts(of collection: CollectionRecord) throws -> TextList {
        if let known = lists[collection.list] { return known }
        let found = try store.texts(list: collection.list)
        lists[collection.list] = found
        return found
    }

    func rows(of layer: LayerRecord) throws -> StoredRows {
        StoredRows(name: "\(layer.checkpoint) \(layer.collection) layer \(layer.layer)", file: try store.vectors(layer))
    }
}

/// A layer file as rows the Evaluation room can score.
struct StoredRows: VectorRows {
    let name: String
    let file: VectorFile

    var rowCount: Int { file.rows }
    var dimension: Int { file.dimension }

    func decode(rows: Range<Int>, into output: UnsafeMutablePointer<Float>) throws {
        try file.decode(rows: rows, into: output)
    }

    func decode(rows: [Int], into output: UnsafeMutablePointer<Float>) throws {
        try file.decode(rows: rows, into: output)
    }
}
