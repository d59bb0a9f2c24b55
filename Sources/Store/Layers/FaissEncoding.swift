import CFaiss
import Glibc

/// Bytes of a layer file, from row-major vectors, as FAISS itself writes them.
///
/// Headers come from FAISS, which serialises an index of the right shape that holds no codes; the codes follow part by
/// part. So of flat and scalar-quantised files a part is in memory, whatever their size; the ranges of a quantised one
/// stand before its codes, so its rows are asked for twice. An HNSW graph is built by FAISS over all vectors, which are
/// in memory twice: handed over, and copied.
enum FaissEncoding {
    /// Links per node of an HNSW graph; level 0 has twice as many.
    static let hnswLinks = 32
    /// Breadth of the search for neighbours while an HNSW graph is built; FAISS's own choice.
    static let hnswConstructionBreadth = 40
    /// Rows quantised at a time.
    private static let quantizedRows = 4_096

    static func write(codec: Codec, _ rows: LayerRows, to writer: LayerFileWriter, path: String) throws {
        switch codec {
        case .fp32:
            try writeHeader(CFAISS_FLAT, rows, trained: [], to: writer, path: path)
            // FAISS counts the codes of a flat index in floats, those of a quantised one in bytes.
            try append(count: rows.count * rows.dimension, to: writer)
            try appendParts(rows, to: writer)
        case .fp16:
            try writeHeader(CFAISS_HALF, rows, trained: [], to: writer, path: path)
            try append(count: rows.count * rows.rowBytes, to: writer)
            try appendParts(rows, to: writer)
        case .sq8: try writeQuantized(rows, to: writer, path: path)
        case .hnsw: try writeGraph(rows, to: writer)
        }
    }

    private static func appendParts(_ rows: LayerRows, to writer: LayerFileWriter) throws {
        let part = LayerPart(of: rows)
        for range in rows.parts { try writer.append(try part.read(range)) }
    }

    private static func writeGraph(_ rows: LayerRows, to writer: LayerFileWriter) throws {
        let all = UnsafeMutableRawBufferPointer.allocate(byteCount: rows.count * rows.rowBytes, alignment: 64)
        defer { all.deallocate() }
        for range in rows.parts {
            let bytes = range.lowerBound * rows.rowBytes..<range.upperBound * rows.rowBytes
            try rows.read(range, into: UnsafeMutableRawBufferPointer(rebasing: all[bytes]))
        }
        try writer.appendFromFaiss { sink, context in
            cfaiss_hnsw_write(
                rows.dimension, hnswLinks, hnswConstructionBreadth, rows.count,
                all.baseAddress?.assumingMemoryBound(to: Float.self), sink, context)
        }
    }

    private static func writeQuantized(_ rows: LayerRows, to writer: LayerFileWriter, path: String) throws {
        func check(_ status: Int32) throws {
            guard status == 0 else {
                throw StoreError.indexLibrary(path: path, reason: String(cString: cfaiss_last_error()))
            }
        }
        let dimension = rows.dimension
        let part = LayerPart(of: rows)
        var ranges = ColumnRanges(columns: dimension)
        for range in rows.parts { ranges.widen(by: try part.read(range), rows: range.count) }
        var trained = [Float](repeating: 0, count: 2 * dimension)
        // FAISS takes the smallest and the largest value of each column: those of all rows are those of these two.
        if rows.count > 0 { try check(cfaiss_byte_train(dimension, 2, ranges.bounds, &trained)) }
        try writeHeader(CFAISS_BYTE, rows, trained: trained, to: writer, path: path)
        try append(count: rows.count * dimension, to: writer)
        var codes = [UInt8](repeating: 0, count: min(rows.count, quantizedRows) * dimension)
        for range in rows.parts {
            guard let floats = try part.read(range).baseAddress?.assumingMemoryBound(to: Float.self) else { return }
            for first in stride(from: 0, to: range.count, by: quantizedRows) {
                let count = min(quantizedRows, range.count - first)
                try check(cfaiss_byte_encode(dimension, trained, count, floats + first * dimension, &codes))
                try codes.withUnsafeBytes {
                    try writer.append(UnsafeRawBufferPointer(rebasing: $0[..<(count * dimension)]))
                }
            }
        }
    }

    /// The smallest and the largest value of each column of a layer, met part by part.
    private struct ColumnRanges {
        private let columns: Int
        /// Smallest values, then largest ones.
        private(set) var bounds: [Float]
        private var isEmpty = true

        init(columns: Int) {
            self.columns = columns
            bounds = [Float](repeating: 0, count: 2 * columns)
        }

        /// Of equal values (0 and −0) the first stays, as in FAISS.
        mutating func widen(by vectors: UnsafeRawBufferPointer, rows: Int) {
            guard rows > 0, let values = vectors.baseAddress?.assumingMemoryBound(to: Float.self) else { return }
            bounds.withUnsafeMutableBufferPointer { bounds in
                guard let smallest = bounds.baseAddress else { return }
                let largest = smallest + columns
                if isEmpty {
                    smallest.update(from: values, count: columns)
                    largest.update(from: values, count: columns)
                }
                for row in 0..<rows {
                    let vector = values + row * columns
                    for column in 0..<columns {
                        let value = vector[column]
                        smallest[column] = value < smallest[column] ? value : smallest[column]
                        largest[column] = value > largest[column] ? value : largest[column]
                    }
                }
            }
            isEmpty = false
        }
    }

    /// Everything before the count of the codes.
    private static func writeHeader(
        _ kind: cfaiss_kind, _ rows: LayerRows, trained: [Float], to writer: LayerFileWriter, path: String
    ) throws {
        let collected = Collected()
        let status = withExtendedLifetime(collected) {
            cfaiss_write_header(
                kind, rows.dimension, rows.count, trained,
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
