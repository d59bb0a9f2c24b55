import Kernels

/// The directions along which vectors differ most, by which long vectors become shorter ones with nearly the same inner
/// products.
package struct PrincipalDirections: Sendable {
    /// C
    package let dimension: Int
    /// k
    package let count: Int
    /// Share of the rows' squared length that lies in these directions, 0 to 1.
    package let share: Double
    /// [k, C], orthonormal rows, packed for the product with vectors.
    private let packed: PackedMatrix

    /// Rows the directions are computed from at most, spread evenly over all.
    private static let sampleSize = 20_000

    /// The k leading eigenvectors of X Xᵀ's twin Xᵀ X, for X the normalised rows: of all k-dimensional projections this
    /// one keeps most of the squared lengths. Rows are not centred, because it is inner products that must be kept.
    /// - Source: sentence-transformers, `examples/training/distillation/dimensionality_reduction.py`, which takes as
    ///   many rows and, other than here, centres them.
    /// - Throws: `EvaluationError.unusableVector`, what reading throws.
    package init(of sources: [any VectorRows], count: Int) throws {
        let dimension = sources.first?.dimension ?? 0
        precondition((1...max(1, dimension)).contains(count) && sources.allSatisfy { $0.dimension == dimension })
        let total = sources.reduce(0) { $0 + $1.rowCount }, step = max(1, total / Self.sampleSize)
        var moments = SymmetricMatrix(size: dimension), first = 0
        for source in sources {
            let start = (step - first % step) % step
            let chosen = Array(stride(from: start, to: source.rowCount, by: step))
            for part in chosen.indices.pieces(of: CandidateBlock.capacity) {
                try Self.add(chosen[part].map { $0 }, of: source, to: &moments)
            }
            first += source.rowCount
        }
        let pairs = moments.eigenpairs(), length = pairs.reduce(0) { $0 + $1.value }
        self.dimension = dimension
        self.count = count
        share = length > 0 ? pairs.prefix(count).reduce(0) { $0 + $1.value } / length : 0
        packed = PackedMatrix(columns: count, depth: dimension)
        pairs.prefix(count).flatMap { $0.vector.map { Float($0) } }.withUnsafeBufferPointer {
            if let values = $0.baseAddress { packed.pack(transposed: values) }
        }
    }

    /// output [rows, k] = vectors [rows, C] along the directions
    fileprivate func project(
        _ vectors: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>
    ) {
        packed.multiply(vectors, rows: rows, into: output, scratch: PackedMatrix.makeScratch())
    }

    private static func add(_ rows: [Int], of source: any VectorRows, to moments: inout SymmetricMatrix) throws {
        let C = source.dimension, buffer = FloatBuffer(count: rows.count * C)
        defer { withExtendedLifetime(buffer) {} }
        try source.decode(rows: rows, into: buffer.pointer)
        if let bad = Vectors.normalizeRows(buffer.pointer, rows: rows.count, columns: C) {
            throw EvaluationError.unusableVector(source: source.name, row: rows[bad])
        }
        for row in rows.indices { moments.addProduct(of: buffer.pointer + row * C) }
    }
}

/// Rows projected on principal directions: [N, C] becomes [N, k].
package struct ReducedRows: VectorRows {
    private let source: any VectorRows
    private let directions: PrincipalDirections

    package var name: String { source.name }
    package var rowCount: Int { source.rowCount }
    package var dimension: Int { directions.count }

    package init(_ source: any VectorRows, to directions: PrincipalDirections) {
        precondition(source.dimension == directions.dimension)
        self.source = source
        self.directions = directions
    }

    package func decode(rows: Range<Int>, into output: UnsafeMutablePointer<Float>) throws {
        try project(rows.count, into: output) { try source.decode(rows: rows, into: $0) }
    }

    package func decode(rows: [Int], into output: UnsafeMutablePointer<Float>) throws {
        try project(rows.count, into: output) { try source.decode(rows: rows, into: $0) }
    }

    private func project(
        _ count: Int, into output: UnsafeMutablePointer<Float>, _ decode: (UnsafeMutablePointer<Float>) throws -> Void
    ) throws {
        let buffer = FloatBuffer(count: count * source.dimension)
        try decode(buffer.pointer)
        directions.project(buffer.pointer, rows: count, into: output)
        withExtendedLifetime(buffer) {}
    }
}
