import CKernels

/// Sums over random samples, whose draws come from counters: draw d is a function of seed, rows and its number alone.
package enum Resampling {
    /// Sums of bootstrap samples of the rows of `values` [rows, columns]: sums[d, c] adds column c of `rows` rows drawn
    /// with replacement. All columns see the same rows.
    /// - Parameter sums: [draws, columns]; need not be initialised.
    package static func bootstrapSums(
        _ values: [Double], rows: Int, columns: Int, seed: UInt64, firstDraw: Int, draws: Int,
        into sums: UnsafeMutableBufferPointer<Double>
    ) {
        precondition(values.count == rows * columns && sums.count == draws * columns)
        guard let base = sums.baseAddress else { return }
        ck_bootstrap_sums(values, rows, columns, seed, firstDraw, draws, base)
    }

    /// Sums of `values` under random signs, each keeping or changing its own: sums[d].
    package static func signFlipSums(
        _ values: [Double], seed: UInt64, firstDraw: Int, draws: Int, into sums: inout [Double]
    ) {
        precondition(sums.count == draws)
        ck_sign_flip_sums(values, values.count, seed, firstDraw, draws, &sums)
    }
}
