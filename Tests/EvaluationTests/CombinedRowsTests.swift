import TestSupport
import Testing

@testable import Evaluation

/// Averaged and centred rows against the same sums by hand, in double.
@Suite struct CombinedRowsTests {
    /// Float32 sums of a few unit vectors.
    private static let tolerance = 1e-6

    private func random(_ rows: Int, _ dimension: Int, seed: UInt64) -> [[Float]] {
        var random = SeededGenerator(state: seed)
        // Lengths that differ: what is averaged are directions.
        return (0..<rows).map { row in (0..<dimension).map { _ in (random.unit() - 0.3) * Float(1 + row % 5) } }
    }

    private func unit(_ row: [Float]) -> [Double] {
        let length = row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        return row.map { Double($0) / length }
    }

    private func decoded(_ rows: some VectorRows, _ which: [Int]) throws -> [[Float]] {
        let all = try VectorMatrix(name: "all", rows: rows.rowCount, dimension: rows.dimension) {
            try rows.decode(rows: 0..<rows.rowCount, into: $0)
        }
        let chosen = try VectorMatrix(gathering: which, of: rows)
        for (position, row) in which.enumerated() {
            #expect((0..<rows.dimension).allSatisfy { chosen.row(position)[$0] == all.row(row)[$0] })
        }
        return which.map { row in (0..<rows.dimension).map { all.row(row)[$0] } }
    }

    @Test func anAverageIsTheDirectionOfTheSumOfDirections() throws {
        let layers = (0..<4).map { random(11, 7, seed: UInt64($0)) }
        let rows = try AveragedRows(name: "mean", layers.map { Layer(rows: $0) })
        let which = [10, 0, 3, 3]
        for (row, found) in zip(which, try decoded(rows, which)) {
            let sum = (0..<7).map { c in layers.reduce(0.0) { $0 + unit($1[row])[c] } }
            let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for c in 0..<7 { #expect(abs(Double(found[c]) - sum[c] / length) < Self.tolerance) }
        }
        // One layer is that layer.
        let one = try AveragedRows(name: "one", [Layer(rows: layers[2])])
        #expect(try decoded(one, [4]) == decoded(Layer(rows: layers[2]), [4]))
    }

    @Test func centredRowsAreLessTheMeanOfAllDirections() throws {
        // More than a block, so that its borders are met.
        let values = random(CandidateBlock.capacity + 30, 5, seed: 9).map { $0.map { $0 + 1 } }
        let rows = try CenteredRows(Layer(rows: values))
        let units = values.map(unit)
        let mean = (0..<5).map { c in units.reduce(0.0) { $0 + $1[c] } / Double(units.count) }
        let which = [CandidateBlock.capacity + 29, 0, 17]
        for (row, found) in zip(which, try decoded(rows, which)) {
            let less = (0..<5).map { units[row][$0] - mean[$0] }
            let length = less.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for c in 0..<5 { #expect(abs(Double(found[c]) - less[c] / length) < Self.tolerance) }
        }
    }

    @Test func aRowWithoutADirectionIsNamed() throws {
        var values = random(6, 3, seed: 4)
        values[5] = [0, 0, 0]
        let zero = Layer(rows: values)
        func isNamed(_ error: EvaluationError?) -> Bool {
            if case .unusableVector("layer", 5)? = error { true } else { false }
        }
        #expect(isNamed(#expect(throws: EvaluationError.self) { try CenteredRows(zero) }))
        let average = try AveragedRows(name: "mean", [Layer(rows: random(6, 3, seed: 5)), zero])
        var output = [Float](repeating: 0, count: 6)
        #expect(isNamed(#expect(throws: EvaluationError.self) { try average.decode(rows: [2, 5], into: &output) }))
        try average.decode(rows: [2, 4], into: &output)
        #expect(throws: EvaluationError.self) {
            try AveragedRows(name: "mean", [Layer(rows: random(6, 3, seed: 5)), Layer(rows: random(6, 4, seed: 5))])
        }
    }
}

/// Rows as a store has them: neither normalised nor checked.
private struct Layer: VectorRows {
    let rows: [[Float]]
    var name: String { "layer" }
    var rowCount: Int { rows.count }
    var dimension: Int { rows[0].count }

    func decode(rows range: Range<Int>, into output: UnsafeMutablePointer<Float>) {
        decode(rows: Array(range), into: output)
    }

    func decode(rows chosen: [Int], into output: UnsafeMutablePointer<Float>) {
        for (position, row) in chosen.enumerated() {
            for c in 0..<dimension { output[position * dimension + c] = rows[row][c] }
        }
    }
}
