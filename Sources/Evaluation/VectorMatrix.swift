import Kernels

/// An immutable float32 matrix of L2-normalised rows, [N, C], in memory.
package final class VectorMatrix: VectorRows, @unchecked Sendable {
    package let name: String
    package let rowCount: Int
    package let dimension: Int
    /// [N, C], never written after `init`: that is what makes the class safe to share.
    private let storage: FloatBuffer
    var elements: UnsafeMutablePointer<Float> { storage.pointer }

    /// - Parameter fill: writes [rows, dimension] values; the rows are normalised afterwards.
    /// - Throws: what `fill` throws; `EvaluationError.unusableVector` for a row of length zero or with a value that is
    ///   not finite.
    package init(
        name: String, rows: Int, dimension: Int, fill: (UnsafeMutablePointer<Float>) throws -> Void
    ) throws {
        precondition(rows >= 0 && dimension > 0)
        self.name = name
        rowCount = rows
        self.dimension = dimension
        storage = FloatBuffer(count: rows * dimension)
        try fill(storage.pointer)
        if let bad = Vectors.normalizeRows(storage.pointer, rows: rows, columns: dimension) {
            throw EvaluationError.unusableVector(source: name, row: bad)
        }
    }

    /// Rows chosen from elsewhere, in the order given.
    package convenience init(gathering rows: [Int], of source: some VectorRows) throws {
        try self.init(name: source.name, rows: rows.count, dimension: source.dimension) {
            try source.decode(rows: rows, into: $0)
        }
    }

    /// Consecutive rows of a source.
    convenience init(_ rows: Range<Int>, of source: some VectorRows) throws {
        try self.init(name: source.name, rows: rows.count, dimension: source.dimension) {
            try source.decode(rows: rows, into: $0)
        }
    }

    /// Every row of a source.
    package convenience init(all source: some VectorRows) throws {
        try self.init(name: source.name, rows: source.rowCount, dimension: source.dimension) {
            try source.decode(rows: 0..<source.rowCount, into: $0)
        }
    }

    package convenience init(name: String, _ rows: [[Float]]) throws {
        let dimension = rows.first?.count ?? 1
        precondition(rows.allSatisfy { $0.count == dimension }, "rows of unequal length")
        try self.init(name: name, rows: rows.count, dimension: dimension) { output in
            for (i, row) in rows.enumerated() {
                for (j, value) in row.enumerated() { output[i * dimension + j] = value }
            }
        }
    }

    /// A row's C values, valid while the matrix is.
    package func row(_ index: Int) -> UnsafePointer<Float> {
        precondition(index >= 0 && index < rowCount)
        return UnsafePointer(elements + index * dimension)
    }

    /// Inner product of two rows, summed in double in one fixed order.
    package func innerProduct(_ first: Int, _ second: Int) -> Double {
        innerProduct(first, with: self, row: second)
    }

    /// Inner product of a row with a row of another matrix, summed in double in one fixed order.
    package func innerProduct(_ index: Int, with other: VectorMatrix, row otherIndex: Int) -> Double {
        precondition(dimension == other.dimension, "\(dimension) against \(other.dimension) dimensions")
        return Vectors.dot(row(index), other.row(otherIndex), count: dimension)
    }

    package func decode(rows: Range<Int>, into output: UnsafeMutablePointer<Float>) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount)
        output.update(from: elements + rows.lowerBound * dimension, count: rows.count * dimension)
    }

    package func decode(rows: [Int], into output: UnsafeMutablePointer<Float>) {
        for (i, index) in rows.enumerated() {
            (output + i * dimension).update(from: row(index), count: dimension)
        }
    }
}
