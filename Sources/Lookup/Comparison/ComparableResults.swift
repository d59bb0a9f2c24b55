import Evaluation
import Store

/// The results of `bli` that one checkpoint has of what it stores now, with what they were computed from.
struct ComparableResults {
    let checkpoint: StoredCheckpoint
    /// Sorted as `StoredResults` gives them; those over vocabularies that have been replaced are not among them.
    let records: [ResultRecord]
    /// Layer fingerprint → the vocabulary whose rows the layer file has.
    private let vocabularies: [String: CollectionRecord]

    init(_ checkpoint: StoredCheckpoint) throws {
        self.checkpoint = checkpoint
        var vocabularies: [String: CollectionRecord] = [:]
        for collection in checkpoint.collections where collection.wordLanguage != nil {
            for layer in try checkpoint.layers(of: collection) { vocabularies[layer.fingerprint.hex] = collection }
        }
        self.vocabularies = vocabularies
        records = checkpoint.results.current.filter { record in
            record.task == ResultSchema.bli.task && record.checkpoint == checkpoint.name
                && Self.sides.allSatisfy { side in
                    Self.layers(side, of: record).allSatisfy { vocabularies[$0] != nil }
                }
        }
    }

    /// Keys of a result's provenance: the layer files of either language, of a mean several.
    private static let sides = ["source_layer", "target_layer"]

    private static func layers(_ side: String, of record: ResultRecord) -> [String] {
        (record.provenance[side] ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    /// The vocabularies of a result's two languages.
    /// - Parameter record: one of `records`.
    func vocabularies(of record: ResultRecord) -> [CollectionRecord] {
        Self.sides.compactMap { Self.layers($0, of: record).first.flatMap { vocabularies[$0] } }
    }

    /// What one result was computed from and the other was not, one sentence each; empty when their ranks answer the
    /// same questions.
    static func differences(
        _ first: (results: ComparableResults, record: ResultRecord),
        _ second: (results: ComparableResults, record: ResultRecord)
    ) -> [String] {
        var found: [String] = []
        let names = (first.results.checkpoint.name, second.results.checkpoint.name)
        func fingerprint(_ record: ResultRecord) -> String { record.provenance["dictionary_fingerprint"] ?? "" }
        if fingerprint(first.record) != fingerprint(second.record) {
            func described(_ record: ResultRecord) -> String {
                "\(record.provenance["dictionary"] ?? "unknown") (\(fingerprint(record).prefix(12)))"
            }
            found.append(
                "dictionary \(first.record.dataset) \(first.record.pair): \(names.0) \(described(first.record)), "
                    + "\(names.1) \(described(second.record))")
        }
        if first.record.provenance["policy"] != second.record.provenance["policy"] {
            found.append(
                "scoring of \(first.record.dataset): \(names.0) '\(first.record.provenance["policy"] ?? "")', "
                    + "\(names.1) '\(second.record.provenance["policy"] ?? "")'")
        }
        let vocabularies = zip(
            first.results.vocabularies(of: first.record), second.results.vocabularies(of: second.record))
        for (one, other) in vocabularies where one.sourceFingerprint != other.sourceFingerprint {
            found.append("\(one.collection): \(names.0) \(one.extent), \(names.1) \(other.extent)")
        }
        return found
    }
}
