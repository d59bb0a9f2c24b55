import Fingerprinting
import Store

/// What the results of one checkpoint at one layer of a data set were asked, pair by pair, named by fingerprints: two
/// means can be compared only where these are the same.
package struct EvaluatedQuestions: Sendable {
    /// A vocabulary or a side of a sentence set.
    private struct Texts: Sendable {
        /// Of the texts asked for; of its layer files where the texts have been replaced since.
        let fingerprint: String
        /// "words/fi"; nil where the texts have been replaced since.
        let collection: String?
        let description: String
    }

    private struct Pair: Sendable {
        let name: String
        let policy: String
        /// Of the dictionary or the similarity judgements; empty where there is no such file.
        let data: String
        let path: String
        let texts: [Texts]

        /// The same path may have held something else: only fingerprints tell.
        var source: String { "\(path) (\(data.prefix(12)))" }
    }

    private let pairs: [Pair]
    /// The same for two checkpoints that were asked the same.
    package let fingerprint: Fingerprint

    /// - Parameter records: one for each pair, at one layer.
    init(_ records: [ResultRecord], collections: EvaluatedCollections) {
        pairs = records.sorted { $0.pair < $1.pair }.map { record in
            Pair(
                name: record.pair, policy: record.provenance["policy"] ?? "",
                data: record.provenance["dictionary_fingerprint"] ?? record.provenance["pairs_fingerprint"] ?? "",
                path: record.provenance["dictionary"] ?? record.provenance["pairs"] ?? "unknown",
                texts: Self.sides.compactMap { side in
                    guard let layers = record.provenance[side] else { return nil }
                    guard let found = collections.collection(of: record, layers: layers) else {
                        return Texts(fingerprint: layers, collection: nil, description: "replaced since")
                    }
                    return Texts(
                        fingerprint: found.sourceFingerprint.hex, collection: found.collection,
                        description: found.extent)
                })
        }
        let builder = FingerprintBuilder()
        builder.combine("evaluated questions 1")
        for pair in pairs {
            for text in [pair.name, pair.policy, pair.data] { builder.combine(text) }
            builder.combine(pair.texts.count)
            for texts in pair.texts { builder.combine(texts.fingerprint) }
        }
        fingerprint = builder.finish()
    }

    /// Keys of a result's provenance that name layer files, of a mean several. Similarity judgements have none: their
    /// words are encoded where they are not stored, so that vocabularies do not matter.
    private static let sides = ["source_layer", "target_layer", "query_layer", "candidate_layer"]

    /// In what these questions are others than `reference`'s, a phrase each; empty when they are the same.
    package func differences(from reference: EvaluatedQuestions) -> [String] {
        guard fingerprint != reference.fingerprint else { return [] }
        var found: [String] = []
        let (own, others) = (Set(pairs.map(\.name)), Set(reference.pairs.map(\.name)))
        let missing = reference.pairs.map(\.name).filter { !own.contains($0) }
        let additional = pairs.map(\.name).filter { !others.contains($0) }
        if !missing.isEmpty { found.append("without \(Self.list(missing))") }
        if !additional.isEmpty { found.append("\(Self.list(additional)) besides") }
        let names = Dictionary(reference.pairs.map { ($0.name, $0) }) { first, _ in first }
        let common = pairs.compactMap { pair in names[pair.name].map { (pair, $0) } }
        let data = common.filter { $0.0.data != $0.1.data }.map { "\($0.0.name) [\($0.0.source); not \($0.1.source)]" }
        if !data.isEmpty { found.append("other data: \(Self.list(data))") }
        let scoring = common.filter { $0.0.policy != $0.1.policy }.map(\.0.name)
        if !scoring.isEmpty { found.append("other scoring: \(Self.list(scoring))") }
        var texts: [String] = []
        for (pair, other) in common {
            for (one, another) in zip(pair.texts, other.texts) where one.fingerprint != another.fingerprint {
                let name = one.collection ?? another.collection ?? "texts of \(pair.name)"
                let phrase = "\(name) [\(one.description); not \(another.description)]"
                if !texts.contains(phrase) { texts.append(phrase) }
            }
        }
        if !texts.isEmpty { found.append("other texts: \(Self.list(texts))") }
        return found
    }

    /// The first three, and how many more.
    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(3).joined(separator: ", ")
        return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
    }
}

/// Which collection a layer file of a result belongs to, of one state of the store.
struct EvaluatedCollections {
    private let collections: [String: [String: CollectionRecord]]

    /// - Throws: `StoreError.damagedCatalogue`.
    init(_ checkpoints: [CheckpointSnapshot]) throws {
        var collections: [String: [String: CollectionRecord]] = [:]
        for snapshot in checkpoints {
            var own: [String: CollectionRecord] = [:]
            for collection in snapshot.collections {
                for layer in try snapshot.layers(of: collection) { own[layer.fingerprint.hex] = collection }
            }
            collections[snapshot.checkpoint.name] = own
        }
        self.collections = collections
    }

    /// - Parameter layers: fingerprints as a result's provenance has them; those of a mean are of one collection.
    /// - Returns: nil when one of the files is not stored any more.
    func collection(of record: ResultRecord, layers: String) -> CollectionRecord? {
        let found = layers.split(separator: ",").map { collections[record.checkpoint]?[String($0)] }
        return found.allSatisfy { $0 != nil } ? found.first ?? nil : nil
    }
}

extension CollectionRecord {
    /// What tells two vocabularies of a language apart, for messages.
    var extent: String {
        "\(source), \(top.map { "--top \($0)" } ?? "without --top"), \(rows) rows (\(sourceFingerprint.short))"
    }
}
