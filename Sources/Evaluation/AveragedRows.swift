import Kernels

/// Rows that are the mean of the same row in several sources: layers 0 … n of one collection.
///
/// Every source's vector is normalised first, since a store holds directions and not lengths: no layer weighs more than
/// another. The sum is given, not the mean; they have one direction, and whoever scores rows normalises them.
/// - Source: Vulić et al. 2020, "Probing Pretrained Language Models for Lexical Semantics", AVG(L ≤ n); there of
///   vectors as they are.
package struct AveragedRows: VectorRows {
    package let name: String
    private let sources: [any VectorRows]

    package var rowCount: Int { sources[0].rowCount }
    package var dimension: Int { sources[0].dimension }

    /// - Parameter sources: at least one, with as many rows of the same things.
    /// - Throws: `EvaluationError.dimensionMismatch`.
    package init(name: String, _ sources: [any VectorRows]) throws {
        precondition(!sources.isEmpty && sources.allSatisfy { $0.rowCount == sources[0].rowCount })
        for source in sources { try RankCounter.checkDimensions(sources[0], source) }
        self.name = name
        self.sources = sources
    }

    package func decode(rows: Range<Int>, into output: UnsafeMutablePointer<Float>) throws {
        try sum(rows.count, into: output, row: { rows.lowerBound + $0 }) { try $0.decode(rows: rows, into: $1) }
    }

    package func decode(rows: [Int], into output: UnsafeMutablePointer<Float>) throws {
        try sum(rows.count, into: output, row: { rows[$0] }) { try $0.decode(rows: rows, into: $1) }
    }

    private func sum(
        _ count: Int, into output: UnsafeMutablePointer<Float>, row: (Int) -> Int,
        decode: (any VectorRows, UnsafeMutablePointer<Float>) throws -> Void
    ) throws {
        let memory = FloatBuffer(count: count * dimension), scratch = memory.pointer
        defer { withExtendedLifetime(memory) {} }
        for (number, source) in sources.enumerated() {
            let target = number == 0 ? output : scratch
            try decode(source, target)
            if let bad = Vectors.normalizeRows(target, rows: count, columns: dimension) {
                throw EvaluationError.unusableVector(source: source.name, row: row(bad))
            }
            if number > 0 { for i in 0..<(count * dimension) { output[i] += scratch[i] } }
        }
    }
}
