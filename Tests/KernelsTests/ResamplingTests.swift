import CKernels
import TestSupport
import Testing

@testable import Kernels

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
