import Testing

@testable import Evaluation

@Suite struct VectorMatrixTests {
    private struct Stopped: Error, Equatable {}

    /// Memory that is freed twice ends the process here: the allocator finds a block of these sizes in its free list.
    @Test(arguments: [1, 4, 100, 40_000]) func aFillThatThrowsFreesItsMemoryOnce(rows: Int) throws {
        for _ in 0..<20 {
            #expect(throws: Stopped()) {
                try VectorMatrix(name: "stopped", rows: rows, dimension: 8) { output in
                    output.initialize(repeating: 1, count: rows * 8)
                    throw Stopped()
                }
            }
        }
        // What is allocated afterwards is nobody else's.
        let matrices = try (0..<8).map { number in
            try VectorMatrix(name: "\(number)", rows: rows, dimension: 8) { output in
                output.initialize(repeating: 0, count: rows * 8)
                for row in 0..<rows { output[row * 8 + number] = 2 }
            }
        }
        for (number, matrix) in matrices.enumerated() {
            for row in 0..<rows { #expect(matrix.row(row)[number] == 1) }
        }
    }

    @Test func aRowThatCannotBeNormalisedIsNamed() throws {
        let bad: [[Float]] = [[0, 0], [.nan, 1], [.infinity, 0]]
        for row in bad {
            let error = #expect(throws: EvaluationError.self) {
                try VectorMatrix(name: "words", [[1, 0], row, [0, 1]])
            }
            guard case .unusableVector(source: "words", row: 1) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }
}
