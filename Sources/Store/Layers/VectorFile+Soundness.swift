import Kernels

extension VectorFile {
    /// What is wrong inside the file: a row that is not finite or not of length 1, a graph that leads nowhere.
    /// - Parameter heldBytes: of the file in memory at a time; it is gone through once.
    func problem(heldBytes: Int = 64 << 20) throws -> (expected: String, found: String)? {
        if let problem = graphProblem() { return problem }
        let tolerance = lengthTolerance
        let batch = max(1, min(rows, 1 << 20 / max(1, dimension)))
        let buffer = FloatBuffer(count: batch * dimension), vectors = buffer.pointer
        defer { withExtendedLifetime(buffer) {} }
        var first = 0, unreleased = 0
        while first < rows {
            let count = min(batch, rows - first)
            try decode(rows: first..<first + count, into: vectors)
            for row in 0..<count {
                let vector = vectors + row * dimension
                var square: Float = 0
                Scores.innerProducts(vector, .float32, rows: 1, dimension: dimension, query: vector, into: &square)
                let length = square.squareRoot()
                // Not `>`: NaN is no length either.
                if !(abs(length - 1) <= tolerance) {
                    return ("rows of length 1 (± \(tolerance))", "row \(first + row) of length \(length)")
                }
            }
            first += count
            unreleased += count * rowBytes
            if unreleased >= heldBytes {
                releasePages()
                unreleased = 0
            }
        }
        return nil
    }

    /// How far rounding may move the length of a row.
    private var lengthTolerance: Float {
        switch codec {
        case .fp32, .hnsw: return 1e-4
        // Relative 2⁻¹¹ for each component, and 2⁻²⁵ absolute for the smallest ones.
        case .fp16: return 1e-3
        case .sq8:
            // Half a step in every component at once.
            let squares = header.trained.suffix(dimension).reduce(Float(0)) { $0 + ($1 / 510) * ($1 / 510) }
            return squares.squareRoot() * 1.01 + 1e-4
        }
    }

    /// Every link of an HNSW graph leads to a row, and every row's links lie inside the array.
    private func graphProblem() -> (expected: String, found: String)? {
        guard let graph = header.graph else { return nil }
        return withBytes { bytes in
            var previous: UInt64 = 0
            for place in 0..<graph.offsets.count {
                let offset = bytes.loadUnaligned(fromByteOffset: graph.offsets.offset + 8 * place, as: UInt64.self)
                if offset < previous || offset > UInt64(graph.neighbors.count) {
                    return ("ascending offsets up to \(graph.neighbors.count)", "offset \(offset) for row \(place)")
                }
                previous = offset
            }
            for place in 0..<graph.neighbors.count {
                let row = bytes.loadUnaligned(fromByteOffset: graph.neighbors.offset + 4 * place, as: Int32.self)
                if row < -1 || Int(row) >= rows { return ("links to rows below \(rows)", "a link to \(row)") }
            }
            return nil
        }
    }
}
