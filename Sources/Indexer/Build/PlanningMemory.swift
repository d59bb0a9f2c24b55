import Console

/// Memory that a build holds of its texts, from reading them until they are published: known before they are tokenised,
/// and said when there is not as much, because nothing can be said when the system ends the process.
///
/// The numbers are those of `tools/benchmarks/build-memory`: 10 million sentences of 54 bytes and 15 tokens.
enum PlanningMemory {
    /// Beside its bytes, of each text: where it ends and its rank, spans, digests and slots of sequences, rows, places
    /// of vectors, orders of reading and sorting.
    private static let textBytes = 96
    /// Of a token id, and of the text it stands for.
    private static let idBytes = 4.0, bytesOfToken = 3.6
    /// Of a row of the catalogue while a transaction writes it, up to where LMDB begins to write.
    private static let rowBytes = 190, mostTransactionBytes = 540_000_000
    /// Of a row's digest, which is written at once.
    private static let digestBytes = 16

    /// About, apart from weights and what threads encode with.
    /// - Parameter inputs: what has to be encoded for one checkpoint.
    static func bytes(_ inputs: [CollectionInput]) -> Int {
        let held = inputs.reduce(0) {
            $0 + Int(Double($1.texts.byteCount) * (1 + idBytes / bytesOfToken)) + textBytes * $1.texts.count
        }
        let largest = inputs.map(\.texts.count).max() ?? 0
        return held + min(rowBytes * largest, mostTransactionBytes) + digestBytes * largest
    }

    /// - Returns: nil when there is enough.
    static func remark(_ inputs: [CollectionInput], checkpoint: String, limitBytes: Int) -> String? {
        let needed = bytes(inputs)
        guard needed > limitBytes else { return nil }
        let count = inputs.reduce(0) { $0 + $1.texts.count }
        return "\(checkpoint): \(Quantity.counted(count, "text")) take about \(Quantity.bytes(needed)) of memory, and "
            + "this process can have \(Quantity.bytes(limitBytes)), so it may be ended by the system; build fewer "
            + "vocabularies or sentence sets at a time, or cut them into smaller ones"
    }
}
