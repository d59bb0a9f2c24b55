import CKernels

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
