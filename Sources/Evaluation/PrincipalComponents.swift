/// Few vectors as points on a plane: their first two principal components.
package struct PrincipalComponents: Sendable {
    /// [N]: each row's coordinates, centred. Of the two signs a component could have, the one that makes its coordinate
    /// of largest size positive: the same vectors give the same picture.
    package let points: [(x: Double, y: Double)]
    /// Which share of the variance each of the two has, 0 to 1; 0 where there is no variance.
    package let shares: (x: Double, y: Double)

    /// Meant for a few hundred rows: N² inner products, and N³ for the eigenvectors of these.
    ///
    /// From the Gram matrix of the centred rows, G = Xc Xcᵀ = U Λ Uᵀ: coordinates are U √Λ, as those of the singular
    /// value decomposition Xc = U S Vᵀ are U S.
    package init(of rows: VectorMatrix) {
        let count = rows.rowCount
        var gram = SymmetricMatrix(size: count)
        for i in 0..<count {
            for j in 0...i { gram.set(i, j, to: rows.innerProduct(i, j)) }
        }
        gram.center()
        let total = (0..<count).reduce(0) { $0 + gram[$1, $1] }
        let pairs = gram.eigenpairs().prefix(2).map { value, vector in
            let length = max(value, 0).squareRoot()
            let largest = vector.max { $0.magnitude < $1.magnitude } ?? 0
            return (value: max(value, 0), coordinates: vector.map { $0 * length * (largest < 0 ? -1 : 1) })
        }
        func coordinate(_ component: Int, _ row: Int) -> Double {
            component < pairs.count ? pairs[component].coordinates[row] : 0
        }
        func share(_ component: Int) -> Double {
            component < pairs.count && total > 0 ? min(pairs[component].value / total, 1) : 0
        }
        points = (0..<count).map { (coordinate(0, $0), coordinate(1, $0)) }
        shares = (share(0), share(1))
    }
}

/// A small symmetric matrix in double.
private struct SymmetricMatrix {
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
