import CFaiss
import Glibc

/// Bytes of a layer file, from row-major vectors, as FAISS itself writes them.
///
/// Headers come from FAISS, which serialises an index of the right shape that holds no codes; the codes follow straight
/// from the caller's buffer. So flat and scalar-quantised files need no second copy of a layer in memory. An HNSW graph
/// is built by FAISS, which copies the vectors once.
enum FaissEncoding {
    /// Links per node of an HNSW graph; level 0 has twice as many.
    static let hnswLinks = 32
    /// Breadth of the search for neighbours while an HNSW graph is built; FAISS's own choice.
    static let hnswConstructionBreadth = 40
    /// Rows quantised at a time.
    private static let quantizedRows = 4_096

    /// - Parameter codes: rows × dimension, Float16 for fp16, Float32 for the other codecs.
    static func write(
        codec: Codec, rows: Int, dimension: Int, codes: UnsafeRawBufferPointer, to writer: LayerFileWriter, path: String
    ) throws {
        switch codec {
        case .fp32:
            try writeHeader(CFAISS_FLAT, rows: rows, dimension: dimension, trained: [], to: writer, path: path)
            // FAISS counts the codes of a flat index in floats, those of a quantised one in bytes.
            try append(count: rows * dimension, to: writer)
            try writer.append(codes)
        case .fp16:
            try writeHeader(CFAISS_HALF, rows: rows, dimension: dimension, trained: [], to: writer, path: path)
            try append(count: codes.count, to: writer)
            try writer.append(codes)
        case .sq8:
            try writeQuantized(rows: rows, dimension: dimension, vectors: codes, to: writer, path: path)
        case .hnsw:
            try writer.appendFromFaiss { sink, context in
                cfaiss_hnsw_write(
                    dimension, hnswLinks, hnswConstructionBreadth, rows,
                    codes.baseAddress?.assumingMemoryBound(to: Float.self), sink, context)
            }
        }
    }

    private static func writeQuantized(
        rows: Int, dimension: Int, vectors: UnsafeRawBufferPointer, to writer: LayerFileWriter, path: String
    ) throws {
        func check(_ status: Int32) throws {
            guard status == 0 else {
                throw StoreError.indexLibrary(path: path, reason: String(cString: cfaiss_last_error()))
            }
        }
        var trained = [Float](repeating: 0, count: 2 * dimension)
        let floats = vectors.baseAddress?.assumingMemoryBound(to: Float.self)
        if rows > 0 { try check(cfaiss_byte_train(dimension, rows, floats, &trained)) }
        try writeHeader(CFAISS_BYTE, rows: rows, dimension: dimension, trained: trained, to: writer, path: path)
        try append(count: rows * dimension, to: writer)
        guard let floats else { return }
        var codes = [UInt8](repeating: 0, count: min(rows, quantizedRows) * dimension)
        var first = 0
        while first < rows {
            let count = min(quantizedRows, rows - first)
            try check(cfaiss_byte_encode(dimension, trained, count, floats + first * dimension, &codes))
            try codes.withUnsafeBytes {
                try writer.append(UnsafeRawBufferPointer(rebasing: $0[..<(count * dimension)]))
            }
            first += count
        }
    }

    /// Everything before the count of the codes.
    private static func writeHeader(
        _ kind: cfaiss_kind, rows: Int, dimension: Int, trained: [Float], to writer: LayerFileWriter, path: String
    ) throws {
        let collected = Collected()
        let status = withExtendedLifetime(collected) {
            cfaiss_write_header(
                kind, dimension, rows, trained,
                { context, bytes, count in
                    guard let context else { return -1 }
                    let collected = Unmanaged<Collected>.fromOpaque(context).takeUnretainedValue()
                    collected.bytes += UnsafeRawBufferPointer(start: bytes, count: count)
                    return 0
                }, Unmanaged.passUnretained(collected).toOpaque())
        }
        guard status == 0 else {
            throw StoreError.indexLibrary(path: path, reason: String(cString: cfaiss_last_error()))
        }
        // The count of no codes, to be replaced by the real one.
        guard collected.bytes.suffix(8).elementsEqual([0, 0, 0, 0, 0, 0, 0, 0]) else {
            throw StoreError.indexLibrary(
                path: path, reason: "its header has an unknown shape; FAISS 1.7.3 is expected")
        }
        try collected.bytes.dropLast(8).withUnsafeBytes { try writer.append($0) }
    }

    private static func append(count: Int, to writer: LayerFileWriter) throws {
        try withUnsafeBytes(of: UInt64(count).littleEndian) { try writer.append($0) }
    }

    private final class Collected {
        var bytes: [UInt8] = []
    }
}
