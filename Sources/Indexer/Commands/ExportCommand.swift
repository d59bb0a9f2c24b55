import ArgumentParser
import Console
import Diagnostics
import Files
import Store

/// `indexer export`: one layer of one collection as a NumPy array.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes the vectors of a stored layer as a NumPy array (.npy, float32, rows in store order).",
        discussion: """
            Example:
              indexer export --checkpoint mbert --collection words/fi --layer 7 --out fi.07.npy --texts fi.txt
              python3 -c 'import numpy; print(numpy.load("fi.07.npy", mmap_mode="r").shape)'
            """)

    @OptionGroup var storeOptions: StoreOptions

    @Option(help: ArgumentHelp("Checkpoint, as named in the build.", valueName: "name"), completion: .storedCheckpoints)
    var checkpoint: String

    @Option(
        help: ArgumentHelp("Collection, as 'indexer list' shows it.", valueName: "words/fi"),
        completion: .storedCollections)
    var collection: String

    @Option(help: "Layer; 0 is the embedding output.")
    var layer: Int

    @Option(help: ArgumentHelp("File to write the array to.", valueName: "file.npy"), completion: .file())
    var out: String

    @Option(help: ArgumentHelp("File to write the rows' texts to, one a line.", valueName: "file"), completion: .file())
    var texts: String?

    @OptionGroup var output: OutputOptions

    /// Rows decoded at a time.
    private static let blockRows = 1024

    func run() throws {
        let store = try Store.open(storeOptions.store, mode: .read)
        let snapshot = try store.snapshot(collection: collection, checkpoint: checkpoint)
        let record = try snapshot.requireLayer(layer)
        if snapshot.isStale {
            output.remark("indexer: \(checkpoint) \(collection) was encoded by an earlier version of the checkpoint")
        }
        try exportVectors(try store.vectors(record))
        if let texts { try exportTexts(snapshot.texts, to: texts) }
        if output.json {
            try ResultStream.standardOutput.write([
                "checkpoint": .text(checkpoint), "collection": .text(collection), "layer": .integer(layer),
                "rows": .integer(record.rows), "dimension": .integer(record.dimension),
                "codec": .text(record.codec.rawValue), "out": .text(out), "texts": texts.map { .text($0) } ?? .null,
            ])
        } else {
            try ResultStream.standardOutput.write(
                "\(out): \(Quantity.grouped(record.rows)) rows of \(record.dimension) float32 values\n")
        }
    }

    private func exportVectors(_ vectors: VectorFile) throws {
        let file = try NumPyFile(path: out, rowShape: [vectors.dimension])
        let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: Self.blockRows * vectors.dimension)
        defer { block.deallocate() }
        for start in stride(from: 0, to: vectors.rows, by: Self.blockRows) {
            let rows = start..<min(start + Self.blockRows, vectors.rows)
            guard let base = block.baseAddress else { return }
            try vectors.decode(rows: rows, into: base)
            try file.write(UnsafeBufferPointer(rebasing: block[..<(rows.count * vectors.dimension)]), atRow: start)
        }
        try file.finish(rows: vectors.rows)
    }

    private func exportTexts(_ list: TextList, to path: String) throws {
        let file = try DurableFile(path: path)
        var buffer: [UInt8] = []
        try list.forEach { _, text, _ in
            buffer.append(contentsOf: text)
            buffer.append(10)
            if buffer.count >= 1 << 16 {
                try buffer.withUnsafeBytes { try file.append($0) }
                buffer.removeAll(keepingCapacity: true)
            }
        }
        try buffer.withUnsafeBytes { try file.append($0) }
        try file.finish()
    }
}
