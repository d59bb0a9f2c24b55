import Glibc

/// Where things are in a FAISS file of one of the four codecs.
///
/// Every size is checked against the bytes at hand before it is used; nothing is allocated by what a file claims.
/// - Source: faiss/impl/index_write.cpp of FAISS 1.7.3 (`write_index_header`, `write_ScalarQuantizer`, `write_HNSW`).
struct FaissHeader: Equatable {
    let codec: Codec
    let rows: Int
    let dimension: Int
    /// Byte offset of row 0; rows follow without gaps up to the end of the file. At any alignment.
    let codesOffset: Int
    /// sq8: minimum of each dimension, then width of each; else empty.
    let trained: [Float]
    /// hnsw: the graph; else nil.
    let graph: Graph?

    /// Byte offsets and element counts of an HNSW graph's arrays.
    struct Graph: Equatable {
        /// Int32 per row: number of levels it is on.
        let levels: Section
        /// UInt64 per row and one more: where its neighbours begin.
        let offsets: Section
        /// Int32: rows, or −1 for an empty link.
        let neighbors: Section
        /// −1 when there are no rows.
        let entryPoint: Int32
    }

    struct Section: Equatable {
        let offset: Int
        let count: Int
    }

    /// Bytes of one row's codes.
    var rowBytes: Int { dimension * Self.elementBytes(codec) }

    static func elementBytes(_ codec: Codec) -> Int {
        switch codec {
        case .fp32, .hnsw: 4
        case .fp16: 2
        case .sq8: 1
        }
    }

    /// Widest vectors accepted; far beyond any transformer's.
    static let largestDimension = 1 << 20

    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - path: for messages.
    /// - Throws: `StoreError.damagedLayerFile`.
    init(parsing bytes: UnsafeRawBufferPointer, path: String) throws {
        var reader = ByteReader(bytes: bytes, path: path)
        let type = try reader.tag()
        switch type {
        case "IxFI":
            let shape = try Self.shape(&reader)
            self.init(
                codec: .fp32, shape: shape, codes: try Self.flatCodes(&reader, shape: shape), trained: [], graph: nil)
        case "IxSQ":
            let shape = try Self.shape(&reader)
            let (codec, trained) = try Self.quantizer(&reader, dimension: shape.dimension)
            let count = try reader.number(UInt64.self)
            let expected = shape.rows * shape.dimension * Self.elementBytes(codec)
            try reader.require(count == UInt64(expected), "\(expected) bytes of codes", "a count of \(count)")
            self.init(
                codec: codec, shape: shape, codes: try reader.rest(exactly: expected), trained: trained, graph: nil)
        case "IHNf":
            let shape = try Self.shape(&reader)
            let graph = try Self.graph(&reader, rows: shape.rows)
            let storage = try reader.tag()
            try reader.require(storage == "IxFI", "flat storage 'IxFI' inside the HNSW index", "'\(storage)'")
            let inner = try Self.shape(&reader)
            try reader.require(
                inner == shape, "storage of \(shape.rows) × \(shape.dimension)", "\(inner.rows) × \(inner.dimension)")
            self.init(
                codec: .hnsw, shape: shape, codes: try Self.flatCodes(&reader, shape: shape), trained: [], graph: graph)
        default:
            throw reader.damaged("a FAISS index of type IxFI, IxSQ or IHNf", "type '\(type)'")
        }
    }

    private struct Shape: Equatable {
        let rows: Int
        let dimension: Int
    }

    private init(codec: Codec, shape: Shape, codes: Section, trained: [Float], graph: Graph?) {
        self.codec = codec
        rows = shape.rows
        dimension = shape.dimension
        codesOffset = codes.offset
        self.trained = trained
        self.graph = graph
    }

    /// d (i32), ntotal (i64), two unused i64, is_trained (u8), metric (i32; 0 is the inner product).
    private static func shape(_ reader: inout ByteReader) throws -> Shape {
        let dimension = try reader.number(Int32.self)
        try reader.require(
            (1...Int32(largestDimension)).contains(dimension), "a dimension of 1 … \(largestDimension)", "\(dimension)")
        let rows = try reader.number(Int64.self)
        try reader.require(
            rows >= 0 && rows <= Int64(UInt32.max), "0 … \(UInt32.max) rows", "\(rows)")
        _ = try reader.number(Int64.self)
        _ = try reader.number(Int64.self)
        let trained = try reader.number(UInt8.self)
        try reader.require(trained == 1, "a trained index", "is_trained \(trained)")
        let metric = try reader.number(Int32.self)
        try reader.require(metric == 0, "metric 0 (inner product)", "metric \(metric)")
        return Shape(rows: Int(rows), dimension: Int(dimension))
    }

    private static func flatCodes(_ reader: inout ByteReader, shape: Shape) throws -> Section {
        let count = try reader.number(UInt64.self)
        // At most 2^32 × 2^20 elements: no overflow.
        let expected = shape.rows * shape.dimension
        try reader.require(count == UInt64(expected), "\(expected) floats of codes", "a count of \(count)")
        return try reader.rest(exactly: expected * 4)
    }

    /// qtype (i32), rangestat (i32), its argument (f32), d (u64), code size (u64), trained (vector of f32).
    private static func quantizer(_ reader: inout ByteReader, dimension: Int) throws -> (Codec, [Float]) {
        let type = try reader.number(Int32.self)
        let codec: Codec
        switch type {
        case 0: codec = .sq8
        case 4: codec = .fp16
        default: throw reader.damaged("quantizer type 0 (8-bit) or 4 (fp16)", "\(type)")
        }
        _ = try reader.number(Int32.self)
        _ = try reader.number(Float.self)
        let width = try reader.number(UInt64.self)
        try reader.require(width == UInt64(dimension), "a quantizer of dimension \(dimension)", "\(width)")
        let codeBytes = try reader.number(UInt64.self)
        let expected = dimension * elementBytes(codec)
        try reader.require(codeBytes == UInt64(expected), "\(expected) bytes a row", "\(codeBytes)")
        let section = try reader.vector(elementBytes: 4)
        let trainedCount = codec == .sq8 ? 2 * dimension : 0
        try reader.require(section.count == trainedCount, "\(trainedCount) trained values", "\(section.count)")
        let trained = reader.floats(section)
        try reader.require(trained.allSatisfy(\.isFinite), "finite trained values", "NaN or infinity")
        return (codec, trained)
    }

    /// assign_probas (f64), cum_nneighbor_per_level (i32), levels (i32), offsets (u64), neighbors (i32), then
    /// entry_point, max_level, efConstruction, efSearch, upper_beam (i32).
    private static func graph(_ reader: inout ByteReader, rows: Int) throws -> Graph {
        _ = try reader.vector(elementBytes: 8)
        _ = try reader.vector(elementBytes: 4)
        let levels = try reader.vector(elementBytes: 4)
        try reader.require(levels.count == rows, "levels of \(rows) rows", "\(levels.count)")
        let offsets = try reader.vector(elementBytes: 8)
        try reader.require(offsets.count == rows + 1, "\(rows + 1) neighbour offsets", "\(offsets.count)")
        let neighbors = try reader.vector(elementBytes: 4)
        let entryPoint = try reader.number(Int32.self)
        try reader.require(
            rows == 0 ? entryPoint == -1 : entryPoint >= 0 && Int(entryPoint) < rows, "an entry point below \(rows)",
            "\(entryPoint)")
        for _ in 0..<4 { _ = try reader.number(Int32.self) }
        return Graph(levels: levels, offsets: offsets, neighbors: neighbors, entryPoint: entryPoint)
    }
}
