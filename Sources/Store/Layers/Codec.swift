/// How vectors are kept in a layer file. Vectors are L2-normalised; the metric is always the inner product.
package enum Codec: String, Codable, Sendable, CaseIterable {
    /// `faiss::IndexFlatIP`.
    case fp32
    /// `faiss::IndexScalarQuantizer`, QT_fp16.
    case fp16
    /// `faiss::IndexScalarQuantizer`, QT_8bit, ranges trained on the layer.
    case sq8
    /// `faiss::IndexHNSWFlat`, M = 32.
    case hnsw

    /// Bytes of a value as it is handed over: Float16 for fp16, Float32 for all others.
    package var elementBytes: Int { self == .fp16 ? 2 : 4 }

    /// Whether a file gives back the values it was made of, bit for bit.
    package var isExact: Bool {
        switch self {
        case .fp32, .fp16, .hnsw: true
        case .sq8: false
        }
    }

    /// Whether the file is made of all vectors at once, which then are in memory; others are written part by part.
    package var needsAllVectors: Bool { self == .hnsw }

    /// Bytes of a row in the file, about.
    package func rowBytes(dimension: Int) -> Int {
        switch self {
        case .fp16: 2 * dimension
        case .fp32: 4 * dimension
        case .sq8: dimension
        case .hnsw: 4 * dimension + 300
        }
    }
}
