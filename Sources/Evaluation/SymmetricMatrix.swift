/// A small symmetric matrix in double.
struct SymmetricMatrix {
    let size: Int
    private var values: [Double]

    init(size: Int) {
        self.size = size
        values = [Double](repeating: 0, count: size * size)
    }

    subscript(row: Int, column: Int) -> Double { values[row * size + column] }

    mutating func set(_ row: Int, _ column: Int, to value: Double) {
        values[row * size + column] = value
        values[column * size + row] = value
    }

    /// Adds x xᵀ for a vector of `size` values.
    mutating func addProduct(of x: UnsafePointer<Float>) {
        values.withUnsafeMutableBufferPointer { values in
            for i in 0..<size {
                let factor = Double(x[i])
                for j in 0..<size { values[i * size + j] += factor * Double(x[j]) }
            }
        }
    }

    /// Of inner products: those of the rows less their mean.
    mutating func center() {
        guard size > 0 else { return }
        let means = (0..<size).map { row in (0..<size).reduce(0) { $0 + self[row, $1] } / Double(size) }
        let mean = means.reduce(0, +) / Double(size)
        for i in 0..<size {
            for j in 0...i { set(i, j, to: self[i, j] - means[i] - means[j] + mean) }
        }
    }

    /// Eigenvalues, descending, with eigenvectors of length 1.
    /// - Source: the cyclic Jacobi method, Golub and Van Loan, Matrix Computations, 4th ed., §8.5.
    func eigenpairs() -> [(value: Double, vector: [Double])] {
        var matrix = self
        var vectors = [Double](repeating: 0, count: size * size)
        for i in 0..<size { vectors[i * size + i] = 1 }
        let norm = values.reduce(0) { $0 + $1 * $1 }
        // Each sweep squares what is left beside the diagonal; ten are more than hundreds of rows need.
        for _ in 0..<30 {
            var rest = 0.0
            for i in 0..<size { for j in 0..<i { rest += matrix[i, j] * matrix[i, j] } }
            if rest <= norm * 1e-30 { break }
            for p in 0..<size {
                for q in (p + 1)..<max(size, p + 1) where matrix[p, q] != 0 {
                    let angle = (matrix[q, q] - matrix[p, p]) / (2 * matrix[p, q])
                    let t = (angle < 0 ? -1 : 1) / (angle.magnitude + (1 + angle * angle).squareRoot())
                    let c = 1 / (1 + t * t).squareRoot(), s = t / (1 + t * t).squareRoot()
                    matrix.rotate(p, q, tangent: t, cosine: c, sine: s)
                    for k in 0..<size {
                        let (a, b) = (vectors[k * size + p], vectors[k * size + q])
                        vectors[k * size + p] = c * a - s * b
                        vectors[k * size + q] = s * a + c * b
                    }
                }
            }
        }
        let order = (0..<size).sorted { (-matrix[$0, $0], $0) < (-matrix[$1, $1], $1) }
        return order.map { column in
            (matrix[column, column], (0..<size).map { vectors[$0 * size + column] })
        }
    }

    private mutating func rotate(_ p: Int, _ q: Int, tangent: Double, cosine: Double, sine: Double) {
        let off = self[p, q]
        for k in 0..<size where k != p && k != q {
            let (a, b) = (self[k, p], self[k, q])
            set(k, p, to: cosine * a - sine * b)
            set(k, q, to: sine * a + cosine * b)
        }
        set(p, p, to: self[p, p] - tangent * off)
        set(q, q, to: self[q, q] + tangent * off)
        set(p, q, to: 0)
    }
}
