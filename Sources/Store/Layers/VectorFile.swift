import Diagnostics
import Files
import Glibc
import Kernels
import Parallelism

/// A layer file, memory-mapped. Rows are L2-normalised up to the codec's rounding.
///
/// Unchecked Sendable: the mapping is read-only and lives as long as this object. Layer files are never changed in
/// place; a replaced or removed one stays readable here.
package final class VectorFile: @unchecked Sendable {
    package let path: String
    let header: FaissHeader
    private let file: MappedFile
    /// Inside the mapping, which lives as long as this object.
    private let codes: UnsafeRawPointer

    package var rows: Int { header.rows }
    package var dimension: Int { header.dimension }
    package var codec: Codec { header.codec }
    /// Bytes of one row as stored: see `copyCodes`.
    package var rowBytes: Int { header.rowBytes }

    /// - Throws: `SystemFault`, `StoreError.damagedLayerFile`.
    init(_ opened: RegularFile) throws {
        let path = opened.path
        self.path = path
        file = try MappedFile(opened)
        guard file.byteCount > 0 else {
            throw StoreError.damagedLayerFile(path: path, expected: "a FAISS file", found: "an empty file")
        }
        let (header, codes) = try file.withBytes { bytes in
            let header = try FaissHeader(parsing: bytes, path: path)
            return (header, bytes.baseAddress.map { $0 + header.codesOffset })
        }
        guard let codes else { preconditionFailure("a mapping has an address") }
        self.header = header
        self.codes = codes
    }

    /// Checks what the file says about itself against its record.
    func check(against record: LayerRecord) throws {
        func require(_ what: String, _ expected: some CustomStringConvertible, _ found: some CustomStringConvertible)
            throws
        {
            guard expected.description != found.description else { return }
            throw StoreError.damagedLayerFile(
                path: path, expected: "\(what) \(expected), as the catalogue says", found: found.description)
        }
        try require("bytes", record.bytes, file.byteCount)
        try require("codec", record.codec.rawValue, codec.rawValue)
        try require("rows", record.rows, rows)
        try require("dimension", record.dimension, dimension)
    }

    /// Lends the whole file.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try file.withBytes(body)
    }

    /// Drops what was read so far from this process's memory; it comes back when it is read again.
    func releasePages() { file.releasePages() }

    // MARK: Rows

    /// Decodes consecutive rows to float32, [count, dimension].
    package func decode(rows: Range<Int>, into output: UnsafeMutablePointer<Float>) throws {
        try require(rows)
        switch codec {
        case .fp32, .hnsw: memcpy(output, codes + rows.lowerBound * rowBytes, rows.count * rowBytes)
        case .fp16:
            Conversion.widen(
                half: codes + rows.lowerBound * rowBytes, count: rows.count * dimension, into: output)
        case .sq8: for (place, row) in rows.enumerated() { decodeByteRow(row, into: output + place * dimension) }
        }
    }

    /// Decodes chosen rows in the order given, [rows.count, dimension].
    package func decode(rows: [Int], into output: UnsafeMutablePointer<Float>) throws {
        for (place, row) in rows.enumerated() {
            try decode(rows: row..<row + 1, into: output + place * dimension)
        }
    }

    /// Copies the stored codes of consecutive rows, bit for bit: Float16 for fp16, Float32 for fp32 and hnsw, bytes for
    /// sq8 (whose ranges belong to this file, so they mean nothing in another).
    /// - Parameter output: rows.count × `rowBytes` bytes.
    package func copyCodes(rows: Range<Int>, into output: UnsafeMutableRawPointer) throws {
        try require(rows)
        memcpy(output, codes + rows.lowerBound * rowBytes, rows.count * rowBytes)
    }

    /// Copies the stored codes of chosen rows in the order given.
    package func copyCodes(rows: [Int], into output: UnsafeMutableRawPointer) throws {
        for (place, row) in rows.enumerated() {
            try copyCodes(rows: row..<row + 1, into: output + place * rowBytes)
        }
    }

    private func require(_ range: Range<Int>) throws {
        guard range.lowerBound >= 0, range.upperBound <= rows else {
            throw StoreError.unknownRow(list: path, row: range.upperBound - 1, count: rows)
        }
    }

    /// As FAISS decodes without vector instructions: minimum + (code + ½) / 255 · width.
    private func decodeByteRow(_ row: Int, into output: UnsafeMutablePointer<Float>) {
        let bytes = codes + row * rowBytes
        header.trained.withUnsafeBufferPointer { trained in
            for i in 0..<dimension {
                let share = (Float(bytes.load(fromByteOffset: i, as: UInt8.self)) + 0.5) / 255
                output[i] = trained[i] + share * trained[dimension + i]
            }
        }
    }

    // MARK: Scan

    /// Inner products of one query with every row (exact scan for all codecs; HNSW's flat storage included), [rows].
    ///
    /// Rows with the same codes get the same bits, wherever they stand and whatever `threads` is.
    package func innerProducts(query: UnsafePointer<Float>, into scores: UnsafeMutablePointer<Float>, threads: Int)
        throws
    {
        guard rows > 0 else { return }
        let parts = max(1, min(threads, rows / 1_024))
        let byteScan = ByteScan(header: header, query: query)
        // Sendable by fiat: each part writes its own rows, everything else is read.
        nonisolated(unsafe) let shared = (query: query, scores: scores, codes: codes)
        @Sendable func run(_ part: Int) {
            let first = rows * part / parts
            let count = rows * (part + 1) / parts - first
            let start = shared.codes + first * rowBytes
            let scores = shared.scores + first
            func scan(_ codes: Scores.Codes, _ query: UnsafePointer<Float>) {
                Scores.innerProducts(start, codes, rows: count, dimension: dimension, query: query, into: scores)
            }
            switch codec {
            case .fp32, .hnsw: scan(.float32, shared.query)
            case .fp16: scan(.half, shared.query)
            case .sq8: byteScan.weights.withUnsafeBufferPointer { scan(.byte(bias: byteScan.bias), $0.baseAddress!) }
            }
        }
        Parallel.perform(parts, run)
    }

    /// Ranges of an sq8 file folded into the query: Σ qᵢ(minᵢ + (cᵢ + ½)/255 · widthᵢ) = bias + Σ weightsᵢ · cᵢ.
    private struct ByteScan: Sendable {
        var weights: [Float] = []
        var bias: Float = 0

        init(header: FaissHeader, query: UnsafePointer<Float>) {
            guard header.codec == .sq8 else { return }
            var sum = 0.0
            weights.reserveCapacity(header.dimension)
            for i in 0..<header.dimension {
                let step = Double(header.trained[header.dimension + i]) / 255
                sum += Double(query[i]) * (Double(header.trained[i]) + step / 2)
                weights.append(Float(Double(query[i]) * step))
            }
            bias = Float(sum)
        }
    }
}
