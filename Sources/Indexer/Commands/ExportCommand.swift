import ArgumentParser
import Console
import Diagnostics
import Files
import Kernels
import Store

/// `indexer export`: stored layers as NumPy arrays or as word2vec's and fastText's files.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes the vectors of stored layers as files other programs read: .npy, .vec, .bin.",
        discussion: """
            What the name ends in says the format: .npy, a NumPy array of float32, rows in store order; .vec, the text \
            of word2vec and fastText; .bin, word2vec's binary (gensim reads both); .vec.gz and .bin.gz. Several layers \
            or collections want {layer} or {collection} in the name.

            Example:
              indexer export --checkpoint mbert --collection words/fi --layer 7 --out fi.07.npy --texts fi.txt
              python3 -c 'import numpy; print(numpy.load("fi.07.npy", mmap_mode="r").shape)'
              indexer export --checkpoint mbert --collection words/fi --collection words/en --layer 0,8-12 \
                --out '{collection}.{layer}.vec'
            """)

    @OptionGroup var storeOptions: StoreOptions

    @Option(help: ArgumentHelp("Checkpoint, as named in the build.", valueName: "name"), completion: .storedCheckpoints)
    var checkpoint: String

    @Option(
        help: ArgumentHelp("Collection, as 'indexer list' shows it; repeated for several.", valueName: "words/fi"),
        completion: .storedCollections)
    var collection: [String]

    @Option(
        help: ArgumentHelp(
            "Layers: numbers and ranges, or 'all'; 0 is the embedding output.", valueName: "7|0,8-12|all"))
    var layer: LayerSelection

    @Option(
        help: ArgumentHelp(
            "File to write to; {collection} and {layer} in it are replaced (words.fi, 07).", valueName: "file.npy"),
        completion: .file())
    var out: String

    @Option(
        help: ArgumentHelp(
            "File to write the rows' texts to, one a line; {collection} in it is replaced.", valueName: "file"),
        completion: .file())
    var texts: String?

    @OptionGroup var output: OutputOptions

    /// Rows decoded at a time.
    private static let blockRows = 1024

    func validate() throws {
        guard VectorFileFormat(path: out) != nil else {
            throw ValidationError(
                "--out \(out): the name's end says the format, and is none of \(VectorFileFormat.endings)")
        }
    }

    func run() throws {
        let store = try Store.open(storeOptions.store, mode: .read)
        let snapshot = try snapshot(store)
        let plan = try plan(snapshot)
        for collection in distinctCollections(plan)
        where collection.checkpointFingerprint != snapshot.checkpoint.fingerprint {
            output.remark(
                "indexer: \(checkpoint) \(collection.collection) was encoded by an earlier version of the checkpoint")
        }
        for export in plan {
            let vectors = try store.vectors(export.layer), list = snapshot.texts(of: export.collection)
            if export.format.holdsWords {
                try exportWords(list, vectors, export)
            } else {
                try exportArray(vectors, to: export.out)
            }
            try report(export)
        }
        if let texts {
            for collection in distinctCollections(plan) {
                try exportTexts(
                    snapshot.texts(of: collection),
                    to: ExportedLayer.path(texts, collection: collection.collection, layer: nil))
            }
        }
    }
}

extension ExportCommand {
    /// All collections and layers of one state of the store.
    private func snapshot(_ store: Store) throws -> CheckpointSnapshot {
        try store.snapshot { all in
            guard let found = all.first(where: { $0.name == checkpoint }) else {
                throw StoreError.unknownCheckpoint(
                    folder: store.folder, name: checkpoint, known: all.map(\.name))
            }
            return [found]
        }.chosen[0]
    }

    /// Every file, known to be possible before the first is written.
    private func plan(_ snapshot: CheckpointSnapshot) throws -> [ExportedLayer] {
        guard let format = VectorFileFormat(path: out) else { preconditionFailure("validate lets no other name pass") }
        var plan: [ExportedLayer] = []
        var names: [String] = []
        for name in collection where !names.contains(name) {
            names.append(name)
            guard let record = snapshot.collections.first(where: { $0.collection == name }) else {
                throw StoreError.unknownCollection(
                    folder: snapshot.store.folder, checkpoint: checkpoint, name: name,
                    known: snapshot.collections.map(\.collection))
            }
            if format.holdsWords, record.wordLanguage == nil {
                throw IndexerError.noWordsToExport(collection: name, out: out)
            }
            let stored = try snapshot.layers(of: record)
            let wanted: [Int] =
                switch layer {
                case .all: stored.map(\.layer)
                case .some(let numbers): numbers
                }
            for number in wanted {
                guard let layer = stored.first(where: { $0.layer == number }) else {
                    throw StoreError.unknownLayer(
                        folder: snapshot.store.folder, checkpoint: checkpoint, collection: name, layer: number,
                        known: stored.map(\.layer))
                }
                plan.append(
                    ExportedLayer(
                        collection: record, layer: layer,
                        out: ExportedLayer.path(out, collection: name, layer: number), format: format))
            }
        }
        try checkNames(plan)
        return plan
    }

    /// No file may be written twice.
    private func checkNames(_ plan: [ExportedLayer]) throws {
        var files = plan.map { (path: $0.out, what: "\($0.collection.collection) layer \($0.layer.layer)") }
        if let texts {
            files += distinctCollections(plan).map {
                (ExportedLayer.path(texts, collection: $0.collection, layer: nil), "the texts of \($0.collection)")
            }
        }
        var first: [String: String] = [:]
        for file in files {
            if let other = first.updateValue(file.what, forKey: file.path) {
                throw IndexerError.exportedTwice(path: file.path, first: other, second: file.what)
            }
        }
    }

    private func distinctCollections(_ plan: [ExportedLayer]) -> [CollectionRecord] {
        var distinct: [CollectionRecord] = []
        for export in plan where distinct.last?.collection != export.collection.collection {
            distinct.append(export.collection)
        }
        return distinct
    }

    private func exportArray(_ vectors: VectorFile, to path: String) throws {
        let file = try NumPyFile(path: path, rowShape: [vectors.dimension])
        try withBlock(vectors) { block in
            for start in stride(from: 0, to: vectors.rows, by: Self.blockRows) {
                let rows = start..<min(start + Self.blockRows, vectors.rows)
                try vectors.decode(rows: rows, into: block)
                try file.write(UnsafeBufferPointer(start: block, count: rows.count * vectors.dimension), atRow: start)
            }
        }
        try file.finish(rows: vectors.rows)
    }

    private func exportWords(_ list: TextList, _ vectors: VectorFile, _ export: ExportedLayer) throws {
        let file = try WordVectorFile(
            path: export.out, format: export.format, rows: vectors.rows, dimension: vectors.dimension)
        try withBlock(vectors) { block in
            try list.forEach { row, text, _ in
                let place = row % Self.blockRows
                if place == 0 {
                    try vectors.decode(rows: row..<min(row + Self.blockRows, vectors.rows), into: block)
                }
                try file.append(word: text, values: block + place * vectors.dimension)
            }
        }
        try file.finish()
        if file.wordsWithSpaces > 0 {
            output.remark(
                "indexer: \(export.out): spaces of \(Quantity.counted(file.wordsWithSpaces, "expression")) are written "
                    + "as '_': in this format a space ends a word")
        }
    }

    private func withBlock(_ vectors: VectorFile, _ body: (UnsafeMutablePointer<Float>) throws -> Void) throws {
        let block = FloatBuffer(count: Self.blockRows * vectors.dimension)
        try withExtendedLifetime(block) { try body(block.pointer) }
    }

    private func report(_ export: ExportedLayer) throws {
        let record = export.layer
        if output.json {
            try ResultStream.standardOutput.write([
                "checkpoint": .text(checkpoint), "collection": .text(record.collection),
                "layer": .integer(record.layer), "rows": .integer(record.rows),
                "dimension": .integer(record.dimension), "codec": .text(record.codec.rawValue),
                "out": .text(export.out),
                "texts": texts.map {
                    .text(ExportedLayer.path($0, collection: record.collection, layer: nil))
                } ?? .null,
            ])
        } else {
            try ResultStream.standardOutput.write(
                report: "\(export.out): \(Quantity.counted(record.rows, "row")) of \(record.dimension) float32 values\n"
            )
        }
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
