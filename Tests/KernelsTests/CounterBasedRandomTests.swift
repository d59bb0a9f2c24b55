import CKernels
import TestSupport
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

@Suite struct ResamplingTests {
    /// Number `counter` of SplitMix64's stream (Steele, Lea, Flood 2014), written a second time.
    private func mixed(_ seed: UInt64, _ counter: UInt64) -> UInt64 {
        var z = seed &+ (counter &+ 1) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Row by row, as the kernel's description says.
    private func expected(_ values: [Double], rows: Int, columns: Int, seed: UInt64, draw: Int) -> [Double] {
        var sums = [Double](repeating: 0, count: columns)
        for place in 0..<rows {
            let bits = mixed(seed, UInt64(draw * ((rows + 1) / 2) + place / 2))
            let half = place % 2 == 0 ? bits >> 32 : bits & 0xFFFF_FFFF
            let row = Int((half * UInt64(rows)) >> 32)
            for column in 0..<columns { sums[column] += values[row * columns + column] }
        }
        return sums
    }

    /// One row, fewer than are drawn at a time, as many, and more by an odd number; registers full and not.
    @Test(arguments: [(1, 1), (7, 3), (512, 4), (515, 1), (1_025, 13)], [false, true])
    func sumsAreThoseOfRowsDrawnOneByOne(_ shape: (rows: Int, columns: Int), portable: Bool) {
        ck_limit_instructions(portable ? CK_PORTABLE : CK_AVX512_FMA)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        let (rows, columns) = shape
        var random = SeededGenerator(state: UInt64(rows))
        let values = (0..<(rows * columns)).map { _ in 1 / Double(1 + random.next() % 997) }
        // Four draws together and two on their own.
        let (first, draws) = (5, 6)
        var sums = [Double](repeating: .nan, count: draws * columns)
        sums.withUnsafeMutableBufferPointer {
            Resampling.bootstrapSums(
                values, rows: rows, columns: columns, seed: 77, firstDraw: first, draws: draws, into: $0)
        }
        for draw in 0..<draws {
            let own = expected(values, rows: rows, columns: columns, seed: 77, draw: first + draw)
            #expect(Array(sums[(draw * columns)..<((draw + 1) * columns)]) == own)
        }
    }
}
