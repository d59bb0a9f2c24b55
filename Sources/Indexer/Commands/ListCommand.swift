import ArgumentParser
import Console
import Encoder
import Files
import Store

/// `indexer list`: what is stored, for which checkpoint, how large, how old, stale or not.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Shows what is stored, for which checkpoint, its size and age, and whether it is stale.",
        discussion: """
            Stale is what the next build would make anew, because the checkpoint's folder or the file of the texts has \
            changed or is gone since. With --fail-if-stale the exit status is 1 when anything is.

            Example:
              indexer list --store indexes
            """)

    @OptionGroup var storeOptions: StoreOptions

    @Flag(inversion: .prefixedNo, help: "Read the files things were made from, to tell what is stale.")
    var sources = true

    @Flag(help: "Exit status 1 when a checkpoint or a collection is stale.")
    var failIfStale = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if failIfStale, !sources {
            throw ValidationError("--fail-if-stale has to read what things were made from: leave out --no-sources.")
        }
    }

    func run() throws {
        let store = try Store.open(storeOptions.store, mode: .read)
        let usage = try store.usage()
        var state = SourceState()
        let checkpoints = usage.checkpoints.map { checkpoint in
            let changed = sources ? state.reason(checkpoint.record) : nil
            return (checkpoint, changed, checkpoint.collections.map { reason(of: $0, changed, &state) })
        }
        let leftovers = try WorkFolder.leftovers(store: store.root)
        if output.json {
            try ResultStream.standardOutput.write(json(store, usage, checkpoints, leftovers))
        } else {
            try ResultStream.standardOutput.write(report: text(store, usage, checkpoints, leftovers))
        }
        if failIfStale { try Self.requireCurrent(checkpoints, store: store.folder) }
    }

    /// - Throws: `IndexerError.stale`.
    private static func requireCurrent(_ entries: [Entry], store: String) throws {
        // A checkpoint without collections can have changed, too.
        let reasons = entries.flatMap { $0.reasons.isEmpty ? [$0.changed] : $0.reasons }
        let stale = reasons.count { $0 != nil }
        if stale > 0 { throw IndexerError.stale(store: store, count: stale, of: reasons.count) }
    }

    private typealias Entry = (checkpoint: StoreUsage.Checkpoint, changed: String?, reasons: [String?])

    private func reason(
        of collection: StoreUsage.Collection, _ checkpointChanged: String?, _ state: inout SourceState
    ) -> String? {
        if collection.isStale { return "encoded by an earlier version of the checkpoint" }
        return checkpointChanged ?? (sources ? state.reason(collection.record) : nil)
    }

    private func text(
        _ store: Store, _ usage: StoreUsage, _ entries: [Entry], _ leftovers: [WorkFolder.Leftover]
    ) -> String {
        // The paper's goes without saying.
        let arePooled = entries.contains { $0.checkpoint.collections.contains { $0.record.pooling != nil } }
        let haveDimensions = entries.contains { entry in
            entry.checkpoint.collections.contains { collection in
                collection.layers.contains { $0.dimension != entry.checkpoint.record.hiddenSize }
            }
        }
        var table = ResultTable(
            columns: [
                .init("checkpoint"), .init("collection"), .init("layers"), .init("rows", .integer), .init("codec"),
                .init("size"), .init("age"), .init("state"),
            ] + (arePooled ? [.init("pooling")] : []) + (haveDimensions ? [.init("dimension", .integer)] : []))
        let now = wallSeconds()
        for entry in entries {
            for (collection, reason) in zip(entry.checkpoint.collections, entry.reasons) {
                let codecs = Codec.allCases.filter { codec in collection.layers.contains { $0.codec == codec } }
                table.append(
                    [
                        .text(entry.checkpoint.record.name), .text(collection.record.collection),
                        .text(LayerNumbers.text(collection.layers.map(\.layer), separator: ", ")),
                        .integer(collection.record.rows),
                        .text(codecs.map(\.rawValue).joined(separator: ", ")), .text(Quantity.bytes(collection.bytes)),
                        .text(Quantity.age(seconds: now - (collection.newest ?? now))),
                        .text(reason.map { "stale: \($0)" } ?? (Self.isDropped(collection) ? "dropped" : "current")),
                    ] + (arePooled ? [.text(collection.record.pooling.map(SentenceConvention.text) ?? "paper")] : [])
                        + (haveDimensions
                            ? [collection.layers.first.map { .integer($0.dimension) } ?? .text("")] : []))
            }
        }
        var output = table.shown + "\n"
        let bytes = usage.checkpoints.map(\.bytes).saturatingSum()
        output +=
            "\(store.folder): \(Quantity.bytes(bytes)) of vectors, catalogue \(Quantity.bytes(usage.catalogueBytes))\n"
        if usage.garbageFiles > 0 {
            output +=
                "\(Quantity.counted(usage.garbageFiles, "file")) nothing points to, "
                + "\(Quantity.bytes(usage.garbageBytes)): 'indexer gc' removes them\n"
        }
        for leftover in leftovers {
            let whose = leftover.note.map {
                "of \($0.checkpoint), begun \(Quantity.age(seconds: now - $0.started)) ago"
            }
            output +=
                "unfinished work \(whose ?? "of unknown origin"), \(Quantity.bytes(leftover.bytes)) in "
                + "\(leftover.path): the same build goes on with it\n"
        }
        return output
    }

    /// Whether its vectors were given up after their evaluation.
    private static func isDropped(_ collection: StoreUsage.Collection) -> Bool {
        !collection.layers.isEmpty && collection.layers.allSatisfy { $0.dropped != nil }
    }

    private func json(
        _ store: Store, _ usage: StoreUsage, _ entries: [Entry], _ leftovers: [WorkFolder.Leftover]
    ) -> JSONValue {
        [
            "store": .text(store.folder),
            "checkpoints": .array(
                entries.map { entry in
                    let record = entry.checkpoint.record
                    return [
                        "checkpoint": .text(record.name), "fingerprint": .text(record.fingerprint.hex),
                        "source": .text(record.source), "architecture": .text(record.architecture),
                        "hidden_size": .integer(record.hiddenSize), "layer_count": .integer(record.layerCount),
                        "bytes": .integer(entry.checkpoint.bytes), "results": .integer(entry.checkpoint.results),
                        "stale": entry.changed.map { .text($0) } ?? .null,
                        "collections": .array(zip(entry.checkpoint.collections, entry.reasons).map(Self.json)),
                    ]
                }),
            "catalogue_bytes": .integer(usage.catalogueBytes),
            "garbage_files": .integer(usage.garbageFiles),
            "garbage_bytes": .integer(usage.garbageBytes),
            "unfinished": .array(
                leftovers.map { leftover in
                    [
                        "path": .text(leftover.path), "bytes": .integer(leftover.bytes),
                        "checkpoint": leftover.note.map { .text($0.checkpoint) } ?? .null,
                        "fingerprint": leftover.note.map { .text($0.fingerprint.hex) } ?? .null,
                        "started": leftover.note.map { .number($0.started) } ?? .null,
                    ]
                }),
        ]
    }

    private static func json(_ collection: StoreUsage.Collection, _ reason: String?) -> JSONValue {
        [
            "collection": .text(collection.record.collection),
            "rows": .integer(collection.record.rows),
            "source": .text(collection.record.source),
            "bytes": .integer(collection.bytes),
            "stale": reason.map { .text($0) } ?? .null,
            "skipped": .object(
                collection.record.skipped.sorted { $0.key < $1.key }.map {
                    .init(key: $0.key, value: .integer($0.value))
                }),
            "truncated": .integer(collection.record.truncated),
            "pooling": collection.record.pooling.map { fields in
                .object(fields.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .text($0.value)) })
            } ?? .null,
            "layers": .array(
                collection.layers.map { layer in
                    [
                        "layer": .integer(layer.layer), "codec": .text(layer.codec.rawValue),
                        "dimension": .integer(layer.dimension), "bytes": .integer(layer.bytes),
                        "created": .number(layer.created), "file": .text(layer.file),
                        "fingerprint": .text(layer.fingerprint.hex), "checksum": .text(layer.checksum.hex),
                        "dropped": layer.dropped.map { .number($0) } ?? .null,
                    ]
                }),
        ]
    }
}
