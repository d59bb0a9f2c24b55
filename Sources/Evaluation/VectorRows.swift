import Kernels

/// Rows of vectors that can be read block by block: a layer file, or a matrix in memory.
///
/// Safe to read from several threads at once. Rows need not be normalised: whoever scores them does that after
/// decoding, because a stored row's length is 1 only up to its codec's rounding (docs/scores.md, "Cosine").
package protocol VectorRows: Sendable {
    /// What messages call these rows.
    var name: String { get }
    /// N
    var rowCount: Int { get }
    /// C
    var dimension: Int { get }
    /// Consecutive rows as float32, [rows.count, C].
    func decode(rows: Range<Int>, into output: UnsafeMutablePointer<Float>) throws
    /// Chosen rows in the order given, [rows.count, C].
    func decode(rows: [Int], into output: UnsafeMutablePointer<Float>) throws
}

extension VectorRows {
    /// Reads all rows once.
    /// - Throws: `EvaluationError.unusableVector` for the first that cannot be normalised; what reading throws.
    package func requireUsable() throws {
        let buffer = FloatBuffer(count: min(CandidateBlock.capacity, rowCount) * dimension)
        defer { withExtendedLifetime(buffer) {} }
        for rows in (0..<rowCount).pieces(of: CandidateBlock.capacity) {
            try decode(rows: rows, into: buffer.pointer)
            if let bad = Vectors.normalizeRows(buffer.pointer, rows: rows.count, columns: dimension) {
                throw EvaluationError.unusableVector(source: name, row: rows.lowerBound + bad)
            }
        }
    }
}

/// The first rows of others: a vocabulary's most frequent words.
package struct FirstRows: VectorRows {
    private let source: any VectorRows
    package let rowCount: Int

    package var name: String { source.name }
    package var dimension: Int { source.dimension }

    /// - Parameter count: all rows when there are fewer.
    package init(_ count: Int, of source: any VectorRows) {
        precondition(count >= 0)
        self.source = source
        rowCount = min(count, source.rowCount)
    }

    package func decode(rows: Range<Int>, into output: UnsafeMutablePointer<Float>) throws {
        precondition(rows.upperBound <= rowCount)
        try source.decode(rows: rows, into: output)
    }

    package func decode(rows: [Int], into output: UnsafeMutablePointer<Float>) throws {
        precondition(rows.allSatisfy { $0 < rowCount })
        try source.decode(rows: rows, into: output)
    }
}
