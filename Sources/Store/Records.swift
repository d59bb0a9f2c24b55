import Fingerprinting

/// A checkpoint known to the store.
package struct CheckpointRecord: Codable, Sendable {
    package var name: String
    package var fingerprint: Fingerprint
    package var source: String
    package var architecture: String
    package var hiddenSize: Int
    /// L; layers run 0 … L.
    package var layerCount: Int
    package var vocabularySize: Int
    /// Contents of the folder's `training.json`, if it has one.
    package var training: String?

    package init(
        name: String, fingerprint: Fingerprint, source: String, architecture: String, hiddenSize: Int,
        layerCount: Int, vocabularySize: Int, training: String?
    ) {
        self.name = name
        self.fingerprint = fingerprint
        self.source = source
        self.architecture = architecture
        self.hiddenSize = hiddenSize
        self.layerCount = layerCount
        self.vocabularySize = vocabularySize
        self.training = training
    }
}

/// One collection encoded by one checkpoint: which texts have rows, which have none and why.
package struct CollectionRecord: Codable, Sendable {
    package var checkpoint: String
    /// "words/fi", "sentences/fra-eng/fra".
    package var collection: String
    /// The list of texts its rows stand for (`Store.texts`).
    package var list: Fingerprint
    package var rows: Int
    /// File the texts were read from, and the fingerprint of the texts asked for (before any was skipped).
    package var source: String
    package var sourceFingerprint: Fingerprint
    /// Reason → texts without a vector: "empty", "separator", "duplicate".
    package var skipped: [String: Int]
    /// Texts cut to the checkpoint's longest sequence.
    package var truncated: Int
    /// Fingerprint of the checkpoint that encoded it; `publish` fills it in. Where it differs from the checkpoint's
    /// current one the collection is from older weights and waits to be built again.
    package var checkpointFingerprint: Fingerprint?
    /// Entries read from the start of `source` (`--top`); nil when all were asked for.
    package var top: Int?
    /// How the model turned texts into vectors; nil for the mean over a text's own subwords. Layers of one collection
    /// are pooled alike.
    package var pooling: [String: String]?
    /// Name of the digests of its rows' token sequences, made of their content: checkpoints of one tokenizer share
    /// them. `publish` fills it in; nil when they went with the vectors, and in stores of format 1, where each
    /// collection has digests of its own.
    package internal(set) var sequences: Fingerprint?

    package init(
        checkpoint: String, collection: String, list: Fingerprint, rows: Int, source: String,
        sourceFingerprint: Fingerprint, skipped: [String: Int], truncated: Int
    ) {
        self.checkpoint = checkpoint
        self.collection = collection
        self.list = list
        self.rows = rows
        self.source = source
        self.sourceFingerprint = sourceFingerprint
        self.skipped = skipped
        self.truncated = truncated
    }
}

extension FingerprintBuilder {
    /// - Parameter pooling: `CollectionRecord.pooling`, where it is not nil.
    package func combine(pooling: [String: String]) {
        combine("pooling")
        for (name, value) in pooling.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            combine(name)
            combine(value)
        }
    }
}

/// One layer file: vectors of one collection, checkpoint and layer.
package struct LayerRecord: Codable, Sendable {
    package var checkpoint: String
    package var collection: String
    package var layer: Int
    /// Relative to the store folder: data/<checkpoint>/<collection>/layer-07.<fingerprint>.faiss
    package var file: String
    package var codec: Codec
    package var metric: String
    package var rows: Int
    package var dimension: Int
    package var bytes: Int
    /// XXH3-128 of the whole file.
    package var checksum: Fingerprint
    /// Of everything the file was computed from: checkpoint, text list, layer, codec, format version.
    package var fingerprint: Fingerprint
    /// Seconds since 1970.
    package var created: Double
    /// The list whose texts its rows stand for; `publish` fills it in. nil in files published before it was kept.
    package var list: Fingerprint?
    /// What its vectors were computed with (`computation`); nil in files published before it was kept.
    package var arithmetic: String?
    package var precision: String?
    /// When its file was given up (`Store.dropVectors`), seconds since 1970; nil for a layer that has its file. What
    /// was computed from the file stays a result of what is stored.
    package internal(set) var dropped: Double?

    package init(
        checkpoint: String, collection: String, layer: Int, file: String, codec: Codec,
        metric: String = "inner_product",
        rows: Int, dimension: Int, bytes: Int, checksum: Fingerprint, fingerprint: Fingerprint, created: Double
    ) {
        self.checkpoint = checkpoint
        self.collection = collection
        self.layer = layer
        self.file = file
        self.codec = codec
        self.metric = metric
        self.rows = rows
        self.dimension = dimension
        self.bytes = bytes
        self.checksum = checksum
        self.fingerprint = fingerprint
        self.created = created
    }
}

/// One evaluation result with everything it was computed from.
package struct ResultRecord: Codable, Sendable {
    /// "bli", "xlsim", "tatoeba", "hubs".
    package var task: String
    package var dataset: String
    package var pair: String
    package var checkpoint: String
    /// The layer; of a mean of layers the highest one.
    package var layer: Int
    /// "0-8:mean" for a mean of layers; nil for a layer as it is.
    package private(set) var mean: String?
    /// Of checkpoint layer files, data file, and policy: same fingerprint, same numbers.
    package var fingerprint: Fingerprint
    /// Names as in the command contract: "mrr", "coverage", "queries", …
    package var values: [String: Double]
    /// Where the numbers come from, readable: file names, policies, fingerprints.
    package var provenance: [String: String]
    package var created: Double
    /// Of its bytes in the catalogue (`ResultChecksum`); `put` fills it in. nil in results written before it was kept.
    package private(set) var checksum: Fingerprint?

    package init(
        task: String, dataset: String, pair: String, checkpoint: String, layer: Int, mean: String? = nil,
        fingerprint: Fingerprint, values: [String: Double], provenance: [String: String], created: Double
    ) {
        self.task = task
        self.dataset = dataset
        self.pair = pair
        self.checkpoint = checkpoint
        self.layer = layer
        self.mean = mean
        self.fingerprint = fingerprint
        self.values = values
        self.provenance = provenance
        self.created = created
    }

    func withChecksum(_ checksum: Fingerprint) -> ResultRecord {
        var record = self
        record.checksum = checksum
        return record
    }
}
