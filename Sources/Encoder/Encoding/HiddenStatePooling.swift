import Kernels

extension TokenSequence {
    /// - Parameters:
    ///   - states: hidden states of the pooled positions, [pooled.count, C].
    ///   - vector: [C]
    /// - Source: sentence-transformers' `Pooling`.
    func pool(_ states: UnsafePointer<Float>, columns C: Int, into vector: UnsafeMutablePointer<Float>) {
        switch pooling {
        case .mean:
            Vectors.meanRows(states, rows: pooled.count, columns: C, into: vector)
        case .meanOverRoot:
            Vectors.meanRows(states, rows: pooled.count, columns: C, into: vector)
            let root = Float(pooled.count).squareRoot()
            for column in 0..<C { vector[column] *= root }
        case .maximum:
            vector.update(from: states, count: C)
            for row in 1..<max(pooled.count, 1) {
                for column in 0..<C { vector[column] = max(vector[column], states[row * C + column]) }
            }
        case .weightedMean:
            vector.update(repeating: 0, count: C)
            var total: Float = 0
            for (row, position) in pooled.enumerated() {
                let weight = Float(position + 1)
                total += weight
                for column in 0..<C { vector[column] += weight * states[row * C + column] }
            }
            for column in 0..<C { vector[column] /= total }
        }
    }
}
