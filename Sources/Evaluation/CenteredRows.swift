import Kernels

/// Rows less the mean of all of them: what a language's words have in common goes away, what tells them apart stays.
///
/// The mean is that of the normalised rows; a row is normalised, the mean subtracted, and whoever scores it normalises
/// it again.
/// - Source: mean-centring of both languages' embeddings before their comparison (Artetxe et al. 2016; Libovický et al.
///   2020, who centre each language of a multilingual encoder).
package struct CenteredRows: VectorRows {
    private let source: any VectorRows
    private let mean: [Float]

    package var name: String { source.name }
    package var rowCount: Int { source.rowCount }
    package var dimension: Int { source.dimension }

    /// Reads all rows once; sums are float64, in the order of rows.
    /// - Throws: `EvaluationError.unusableVector`, what reading throws.
    package init(_ source: any VectorRows) throws {
        self.source = source
        let dimension = source.dimension, memory = FloatBuffer(count: CandidateBlock.capacity * dimension)
        defer { withExtendedLifetime(memory) {} }
        let buffer = memory.pointer
        var sums = [Double](repeating: 0, count: dimension)
        for rows in (0..<source.rowCount).pieces(of: CandidateBlock.capacity) {
            try source.decode(rows: rows, into: buffer)
            if let bad = Vectors.normalizeRows(buffer, rows: rows.count, columns: dimension) {
                throw EvaluationError.unusableVector(source: source.name, row: rows.lowerBound + bad)
            }
            sums.withUnsafeMutableBufferPointer { sums in
                for i in 0..<rows.count {
                    for c in 0..<dimension { sums[c] += Double(buffer[i * dimension + c]) }
                }
            }
        }
        let count = Double(max(source.rowCount, 1))
        mean = sums.map { Float($0 / count) }
    }

    package func decode(rows: Range<Int>, into output: UnsafeMutablePointer<Float>) throws {
        try source.decode(rows: rows, into: output)
        try centre(rows.count, output) { rows.lowerBound + $0 }
    }

    package func decode(rows: [Int], into output: UnsafeMutablePointer<Float>) throws {
        try source.decode(rows: rows, into: output)
        try centre(rows.count, output) { rows[$0] }
    }

    private func centre(_ count: Int, _ output: UnsafeMutablePointer<Float>, row: (Int) -> Int) throws {
        if let bad = Vectors.normalizeRows(output, rows: count, columns: dimension) {
            throw EvaluationError.unusableVector(source: name, row: row(bad))
        }
        mean.withUnsafeBufferPointer { mean in
            for i in 0..<count {
                for c in 0..<dimension { output[i * dimension + c] -= mean[c] }
            }
        }
    }
}
