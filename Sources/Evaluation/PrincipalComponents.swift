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
