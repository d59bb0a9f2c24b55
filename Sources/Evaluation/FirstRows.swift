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
