import Fingerprinting

/// A folder of FAISS files with an LMDB catalogue that alone says what is current (docs/store.md).
///
/// One `Store` per folder and process: LMDB must not be opened twice.
package final class Store: Sendable {
    package enum Mode: Sendable { case read, write }

    package let folder: String

    /// Opens a store; `.write` creates the folder when it is missing.
    /// - Throws: `StoreError` (missing, damaged, newer format), `SystemFault` (permissions, full disk).
    package static func open(_ folder: String, mode: Mode) throws -> Store {
        throw StoreError.notImplemented("Store.open")
    }

    private init(folder: String) { self.folder = folder }

    // MARK: Reading (each call is one LMDB read transaction)

    package func checkpoints() throws -> [CheckpointRecord] { throw StoreError.notImplemented(#function) }
    package func checkpoint(_ name: String) throws -> CheckpointRecord? { throw StoreError.notImplemented(#function) }
    /// Sorted by collection name.
    package func collections(checkpoint: String) throws -> [CollectionRecord] { throw StoreError.notImplemented(#function) }
    package func collection(_ collection: String, checkpoint: String) throws -> CollectionRecord? {
        throw StoreError.notImplemented(#function)
    }
    /// Ascending by layer.
    package func layers(checkpoint: String, collection: String) throws -> [LayerRecord] {
        throw StoreError.notImplemented(#function)
    }
    /// A handle to look texts up in a list; safe to use from several threads.
    package func texts(list: Fingerprint) throws -> TextList { throw StoreError.notImplemented(#function) }
    /// Opens a layer file for reading; its header is checked against the record, its checksum is not (see `verify`).
    package func vectors(_ record: LayerRecord) throws -> VectorFile { throw StoreError.notImplemented(#function) }
    /// 16-byte digests of the token sequences behind each row, row order; nil when the collection is unknown.
    package func sequenceDigests(checkpoint: String, collection: String) throws -> [Fingerprint]? {
        throw StoreError.notImplemented(#function)
    }
    package func results(task: String?, checkpoint: String?) throws -> [ResultRecord] {
        throw StoreError.notImplemented(#function)
    }
    package func result(fingerprint: Fingerprint, task: String) throws -> ResultRecord? {
        throw StoreError.notImplemented(#function)
    }

    // MARK: Writing

    /// Takes the builder's lock (an `flock` on `<folder>/build.lock` that names its holder).
    /// - Parameter wait: block until it is free; otherwise throw an error saying who holds it (exit status 75).
    package func lockForBuilding(wait: Bool, onWait: (String) -> Void) throws -> BuildLock {
        throw StoreError.notImplemented(#function)
    }

    /// Writes a FAISS file durably (temporary name, fsync, rename, fsync of the folder) from row-major vectors and
    /// returns its record; nothing is current until `publish`.
    /// - Parameters:
    ///   - codes: rows × dimension in the codec's element type: Float16 for fp16, Float32 for fp32, sq8 and hnsw; normalised.
    package func writeLayer(
        checkpoint: String, collection: String, layer: Int, codec: Codec, dimension: Int, rows: Int,
        codes: UnsafeRawBufferPointer, fingerprint: Fingerprint
    ) throws -> LayerRecord { throw StoreError.notImplemented(#function) }

    /// Makes a collection current: text list, digests, layers and checkpoint in one LMDB transaction.
    /// Layers of the collection already in the catalogue and not in `layers` stay when they share the same list,
    /// otherwise they go.
    /// - Parameters:
    ///   - rowTexts: calls its argument once per row in row order with (text bytes, frequency rank from 1).
    package func publish(
        checkpoint: CheckpointRecord, collection: CollectionRecord, layers: [LayerRecord], digests: [Fingerprint],
        rowTexts: (_ append: (UnsafeBufferPointer<UInt8>, UInt32) throws -> Void) throws -> Void
    ) throws { throw StoreError.notImplemented(#function) }

    package func put(results: [ResultRecord]) throws { throw StoreError.notImplemented(#function) }
}

/// Held while building; released on `release()`, deinit or process death.
package final class BuildLock: Sendable {
    package func release() {}
}

/// Texts of a collection's rows, both ways. Valid while its `Store` is.
package final class TextList: Sendable {
    package var count: Int { 0 }
    /// Row of a text, compared by bytes.
    package func row(of utf8: UnsafeBufferPointer<UInt8>) throws -> Int? { throw StoreError.notImplemented(#function) }
    package func row(of text: String) throws -> Int? { throw StoreError.notImplemented(#function) }
    /// Text and frequency rank (position in the source file, from 1) of a row.
    package func entry(at row: Int) throws -> (text: String, rank: UInt32) { throw StoreError.notImplemented(#function) }
    /// All texts in row order, in one pass.
    package func forEach(_ body: (_ row: Int, _ utf8: UnsafeBufferPointer<UInt8>, _ rank: UInt32) throws -> Void) throws {
        throw StoreError.notImplemented(#function)
    }
}

/// A layer file, memory-mapped. Rows are L2-normalised up to the codec's rounding.
package final class VectorFile: Sendable {
    package var rows: Int { 0 }
    package var dimension: Int { 0 }
    package var codec: Codec { .fp16 }

    /// Decodes consecutive rows to float32, [count, dimension].
    package func decode(rows: Range<Int>, into output: UnsafeMutablePointer<Float>) throws {
        throw StoreError.notImplemented(#function)
    }
    /// Decodes chosen rows in the order given, [rows.count, dimension].
    package func decode(rows: [Int], into output: UnsafeMutablePointer<Float>) throws {
        throw StoreError.notImplemented(#function)
    }
    /// Inner products of one query with every row (exact scan for all codecs; HNSW's flat storage included), [rows].
    package func innerProducts(query: UnsafePointer<Float>, into scores: UnsafeMutablePointer<Float>, threads: Int) throws {
        throw StoreError.notImplemented(#function)
    }
}
