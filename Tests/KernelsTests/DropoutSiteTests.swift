import CKernels
import Testing

@testable import Kernels

@Suite struct DropoutSiteTests {
    /// Known answers of Random123 (kat_vectors, philox4x32 10).
    @Test func philoxEqualsItsReference() {
        let cases: [(key: [UInt32], counter: [UInt32], expected: [UInt32])] = [
            ([0, 0], [0, 0, 0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            (
                [0xffff_ffff, 0xffff_ffff], [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff],
                [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
            ),
            (
                [0xa409_3822, 0x299f_31d0], [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
            ),
        ]
        for (key, counter, expected) in cases {
            var out = [UInt32](repeating: 0, count: 4)
            ck_philox(key, counter, &out)
            #expect(out == expected)
        }
    }

    private static func factors(
        _ site: UInt32, step: UInt32 = 1, probability: Float = 0.1, firstRow: Int = 0, rows: Int, columns: Int
    ) -> [Float] {
        var x = [Float](repeating: 1, count: rows * columns)
        DropoutSite(seed: 8 << 32 | 7, step: UInt64(step), number: site, probability: probability)
            .apply(&x, firstRow: firstRow, rows: rows, columns: columns)
        return x
    }

    @Test func factorsFollowPhiloxRowByRow() {
        let columns = 45, rows = 3, found = Self.factors(5, firstRow: 11, rows: rows, columns: columns)
        for r in 0..<rows {
            for c in 0..<columns {
                var words = [UInt32](repeating: 0, count: 4)
                ck_philox([7, 8], [UInt32(c / 4) | 5 << 20, UInt32(11 + r), 1, 0], &words)
                let isDropped = Double(words[c % 4]) < Double(Float(0.1)) * 4_294_967_296
                #expect(found[r * columns + c] == (isDropped ? 0 : 1 / (1 - Float(0.1))), "\(r) \(c)")
            }
        }
        ck_limit_instructions(CK_PORTABLE)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        #expect(Self.factors(5, firstRow: 11, rows: rows, columns: columns) == found)
    }

    @Test func aTenthIsDroppedAndSitesStepsAndRowsAreIndependent() {
        let rows = 400, columns = 256, n = Double(rows * columns)
        // Five standard deviations of a share of n Bernoulli draws.
        func expectShare(_ share: Double, _ p: Double, _ what: String) {
            #expect(abs(share - p) <= 5 * (p * (1 - p) / n).squareRoot(), "\(what): \(share)")
        }
        let one = Self.factors(1, rows: rows, columns: columns).map { $0 == 0 }
        expectShare(Double(one.count { $0 }) / n, 0.1, "dropped")
        let others = [
            ("site", Self.factors(2, rows: rows, columns: columns)),
            ("step", Self.factors(1, step: 2, rows: rows, columns: columns)),
            ("row", Self.factors(1, firstRow: 1, rows: rows, columns: columns)),
        ]
        for (what, other) in others {
            expectShare(Double(zip(one, other).count { $0 && $1 == 0 }) / n, 0.01, "dropped in both: \(what)")
        }
        let neighbours = zip(one, one.dropFirst()).count { $0 && $1 }
        expectShare(Double(neighbours) / n, 0.01, "neighbours")
    }
}
