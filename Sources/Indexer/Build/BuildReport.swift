import Console
import Files

/// What a build did, for the summary at its end.
struct BuildReport: Sendable {
    struct Collection: Sendable {
        let name: String
        /// Entries asked for.
        let entries: Int
        /// Rows in the store.
        let rows: Int
        /// Sequences this run encoded that this collection was the first to need.
        let encoded: Int
        /// Rows whose vectors were copied from the store or found in an interrupted run's work.
        let reused: Int
        let skipped: [String: Int]
        let truncated: Int
        let bytesWritten: Int
        let upToDate: Bool

        /// Rows whose vectors come from another row or collection of this run.
        var shared: Int { upToDate ? 0 : rows - encoded - reused }
    }

    struct Checkpoint: Sendable {
        let name: String
        let fingerprint: String
        let layers: [Int]
        var collections: [Collection] = []
        var sequences = 0
        var tokens = 0
        var operations = 0.0
        /// From the first to the last batch.
        var encodingSeconds = 0.0
        var seconds = 0.0
    }

    var checkpoints: [Checkpoint] = []
    var seconds = 0.0
    var peakResidentBytes = 0

    var bytesWritten: Int { checkpoints.flatMap(\.collections).reduce(0) { $0 + $1.bytesWritten } }

    var table: String {
        var table = ResultTable(columns: [
            .init("checkpoint"), .init("collection"), .init("entries", .integer), .init("rows", .integer),
            .init("encoded", .integer), .init("shared", .integer), .init("reused", .integer), .init("skipped"),
            .init("cut", .integer), .init("written"),
        ])
        for checkpoint in checkpoints {
            for collection in checkpoint.collections {
                table.append([
                    .text(checkpoint.name), .text(collection.name), .integer(collection.entries),
                    .integer(collection.rows), .integer(collection.encoded), .integer(collection.shared),
                    .integer(collection.reused), .text(Self.reasons(collection.skipped)),
                    .integer(collection.truncated),
                    .text(collection.upToDate ? "up to date" : Quantity.bytes(collection.bytesWritten)),
                ])
            }
        }
        var output = table.shown + "\n"
        for checkpoint in checkpoints where checkpoint.sequences > 0 {
            let elapsed = max(checkpoint.encodingSeconds, 1e-9)
            output +=
                "\(checkpoint.name): \(Quantity.counted(checkpoint.sequences, "sequence")), "
                + "\(Quantity.counted(checkpoint.tokens, "token")) encoded in \(Quantity.duration(seconds: elapsed)) "
                + "(\(Quantity.rate(Double(checkpoint.sequences) / elapsed)) sequences/s, "
                + "\(Quantity.rate(Double(checkpoint.tokens) / elapsed)) tokens/s, "
                + "\(Quantity.rate(checkpoint.operations / elapsed / 1e9)) GFLOP/s)\n"
        }
        output +=
            "in all \(Quantity.duration(seconds: seconds)), \(Quantity.bytes(bytesWritten)) written, "
            + "peak memory \(Quantity.bytes(peakResidentBytes))\n"
        return output
    }

    var json: JSONValue {
        [
            "checkpoints": .array(checkpoints.map(Self.json)),
            "seconds": .number(seconds),
            "peak_memory_bytes": .integer(peakResidentBytes),
            "bytes_written": .integer(bytesWritten),
        ]
    }

    private static func json(_ checkpoint: Checkpoint) -> JSONValue {
        let elapsed = checkpoint.encodingSeconds
        return [
            "checkpoint": .text(checkpoint.name),
            "fingerprint": .text(checkpoint.fingerprint),
            "layers": .array(checkpoint.layers.map { .integer($0) }),
            "sequences": .integer(checkpoint.sequences),
            "tokens": .integer(checkpoint.tokens),
            "operations": .number(checkpoint.operations),
            "encoding_seconds": .number(elapsed),
            "tokens_per_second": elapsed > 0 ? .number(Double(checkpoint.tokens) / elapsed) : .null,
            "gflops": elapsed > 0 ? .number(checkpoint.operations / elapsed / 1e9) : .null,
            "seconds": .number(checkpoint.seconds),
            "collections": .array(
                checkpoint.collections.map { collection in
                    [
                        "collection": .text(collection.name),
                        "state": .text(collection.upToDate ? "up to date" : "built"),
                        "entries": .integer(collection.entries),
                        "rows": .integer(collection.rows),
                        "encoded": .integer(collection.encoded),
                        "shared": .integer(collection.shared),
                        "reused": .integer(collection.reused),
                        "skipped": .object(
                            collection.skipped.sorted { $0.key < $1.key }.map {
                                .init(key: $0.key, value: .integer($0.value))
                            }),
                        "truncated": .integer(collection.truncated),
                        "bytes_written": .integer(collection.bytesWritten),
                    ]
                }),
        ]
    }

    private static func reasons(_ skipped: [String: Int]) -> String {
        let parts = skipped.sorted { $0.key < $1.key }.map { "\(Quantity.grouped($0.value)) \($0.key)" }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }
}
