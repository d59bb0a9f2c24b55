import Console
import Files

/// What `indexer build --dry-run` says.
struct BuildForecast: Sendable {
    struct Checkpoint: Sendable {
        let name: String
        let layers: [Int]
        /// Those that would be built; `bytesWritten` of their files.
        var collections: [BuildReport.Collection] = []
        var upToDate = 0
        var sequences = 0
        var tokens = 0
        /// Of the new layer files.
        var fileBytes = 0
        /// Files, catalogue and the largest spools: what the build asks of the disk before it begins.
        var neededBytes = 0
        /// Of encoding; nil when no build of this shape was measured on this machine.
        var seconds: Double?
    }

    var checkpoints: [Checkpoint] = []
    var freeBytes = 0

    /// Files of one checkpoint stay when the next one's spools come.
    var neededBytes: Int {
        var files = 0, needed = 0
        for checkpoint in checkpoints {
            needed = max(needed, files + checkpoint.neededBytes)
            files += checkpoint.fileBytes
        }
        return needed
    }

    var table: String {
        var table = ResultTable(columns: [
            .init("checkpoint"), .init("collection"), .init("entries", .integer), .init("rows", .integer),
            .init("to encode", .integer), .init("shared", .integer), .init("reused", .integer), .init("files"),
        ])
        for checkpoint in checkpoints {
            for collection in checkpoint.collections {
                table.append([
                    .text(checkpoint.name), .text(collection.name), .integer(collection.entries),
                    .integer(collection.rows), .integer(collection.encoded), .integer(collection.shared),
                    .integer(collection.reused), .text(Quantity.bytes(collection.bytesWritten)),
                ])
            }
        }
        var text = checkpoints.allSatisfy(\.collections.isEmpty) ? "" : table.shown + "\n"
        for checkpoint in checkpoints { text += "\(checkpoint.name): \(Self.summary(checkpoint))\n" }
        return text + "disk: \(Quantity.bytes(neededBytes)) needed, \(Quantity.bytes(freeBytes)) free"
            + (neededBytes > freeBytes ? ": too little\n" : "\n")
    }

    private static func summary(_ checkpoint: Checkpoint) -> String {
        if checkpoint.collections.isEmpty { return "everything is up to date" }
        let time =
            checkpoint.seconds.map { "about \(Quantity.duration(seconds: $0)) of encoding" }
            ?? "no build of this shape and number of threads was measured here yet, so how long is not known"
        return "\(checkpoint.upToDate) collections up to date, \(checkpoint.collections.count) to build: "
            + "\(Quantity.counted(checkpoint.sequences, "sequence")), "
            + "\(Quantity.counted(checkpoint.tokens, "token")); \(time)"
    }

    var json: JSONValue {
        [
            "checkpoints": .array(
                checkpoints.map { checkpoint in
                    [
                        "checkpoint": .text(checkpoint.name),
                        "layers": .array(checkpoint.layers.map { .integer($0) }),
                        "up_to_date": .integer(checkpoint.upToDate), "sequences": .integer(checkpoint.sequences),
                        "tokens": .integer(checkpoint.tokens), "file_bytes": .integer(checkpoint.fileBytes),
                        "needed_bytes": .integer(checkpoint.neededBytes),
                        "seconds": checkpoint.seconds.map { .number($0) } ?? .null,
                        "collections": .array(
                            checkpoint.collections.map { collection in
                                [
                                    "collection": .text(collection.name), "entries": .integer(collection.entries),
                                    "rows": .integer(collection.rows), "encoded": .integer(collection.encoded),
                                    "shared": .integer(collection.shared), "reused": .integer(collection.reused),
                                    "bytes": .integer(collection.bytesWritten),
                                ]
                            }),
                    ]
                }),
            "needed_bytes": .integer(neededBytes), "free_bytes": .integer(freeBytes),
        ]
    }
}
