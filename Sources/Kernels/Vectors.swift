import CKernels

/// Arithmetic on vectors and rows of float32.
package enum Vectors {
    /// y += x
    package static func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        ck_add(x, y, count)
    }

    /// y *= x
    package static func multiply(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int) {
        ck_multiply(x, y, count)
    }

    /// sum [C] = (sum + a) + b
    package static func add(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, count C: Int
    ) {
        ck_add_rows(a, b, sum, C)
    }

    /// out [C] = mean of the rows of x [rows, C].
    package static func meanRows(
        _ x: UnsafePointer<Float>, rows: Int, columns C: Int, into out: UnsafeMutablePointer<Float>
    ) {
        ck_mean_rows(x, rows, C, out)
    }

    /// sums [N] += the rows of x [M, N], `stride` floats apart, in row order.
    package static func addColumnSums(
        _ x: UnsafePointer<Float>, stride: Int, rows M: Int, columns N: Int, to sums: UnsafeMutablePointer<Float>
    ) {
        ck_add_column_sums(x, stride, M, N, sums)
    }

    /// Scales each row of x [M, C] to length 1, its sum of squares in double.
    /// - Returns: the first row whose length is zero or not finite; nil when there is none.
    package static func normalizeRows(_ x: UnsafeMutablePointer<Float>, rows M: Int, columns C: Int) -> Int? {
        let bad = ck_l2_normalize(x, M, C)
        return bad < M ? bad : nil
    }

    package static func areFinite(_ x: UnsafePointer<Float>, count: Int) -> Bool { ck_all_finite(x, count) == 1 }

    /// Inner product summed in double in one fixed order: the same bits on every machine.
    package static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Double {
        ck_dot_double(a, b, count)
    }

    /// Σ x², in double.
    package static func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Double {
        var sum = 0.0
        ck_sum_squares(x, count, &sum)
        return sum
    }

    /// x = eˣ
    package static func exponential(_ x: UnsafeMutablePointer<Float>, count: Int) { ck_exp(x, count) }
}
