import CKernels
import Foundation

/// Standard normal numbers from Philox4x32-10 by Box and Muller's method; a function of seed, stream and position.
package struct CounterNormal {
    private let seed: UInt64
    private let stream: UInt32
    private var position: UInt32 = 0
    private var spare: Float?

    package init(seed: UInt64, stream: UInt32) {
        self.seed = seed
        self.stream = stream
    }

    package mutating func next() -> Float {
        if let value = spare {
            spare = nil
            return value
        }
        let key = [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)]
        var words = [UInt32](repeating: 0, count: 4)
        ck_philox(key, [position, stream, 0, 0], &words)
        position += 1
        // (0, 1], so that the logarithm is finite.
        let u = (Double(words[0]) + 1) / 4_294_967_296, angle = 2 * Double.pi * Double(words[1]) / 4_294_967_296
        let radius = (-2 * log(u)).squareRoot()
        spare = Float(radius * sin(angle))
        return Float(radius * cos(angle))
    }
}

/// One place where values are dropped. The factor of a row and column is a function of seed, step, site, row and column
/// alone (Philox4x32-10), so that backward and a resumed run draw the same ones.
package struct DropoutSite: Sendable {
    private let site: ck_dropout

    /// - Parameters:
    ///   - number: below 4096.
    ///   - probability: 0 ..< 1.
    package init(seed: UInt64, step: UInt64, number: UInt32, probability: Float) {
        site = ck_dropout(
            key: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)),
            step: (UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32)),
            site: number, probability: probability)
    }

    /// x [rows, columns]: an element is 0 with the probability, else divided by 1 − probability. Rows are numbered from
    /// `firstRow` on. Forward and backward alike.
    package func apply(_ x: UnsafeMutablePointer<Float>, firstRow: Int, rows: Int, columns: Int) {
        withUnsafePointer(to: site) { ck_dropout_rows($0, x, firstRow, rows, columns) }
    }

    static func lend(_ site: DropoutSite?, _ body: (UnsafePointer<ck_dropout>?) -> Void) {
        guard let site else { return body(nil) }
        withUnsafePointer(to: site.site) { body($0) }
    }
}

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
