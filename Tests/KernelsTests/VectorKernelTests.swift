import CKernels
import TestSupport
import Testing

@testable import Kernels

/// Half precision and scans in C, against Swift's own numbers; both the processor's path and the portable one.
@Suite struct VectorKernelTests {
    @Test(arguments: [false, true]) func everyHalfIsConvertedExactly(portable: Bool) {
        ck_limit_instructions(portable ? CK_PORTABLE : CK_AVX512_FMA)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        let halves = (0...UInt16.max).map { $0 }
        var floats = [Float](repeating: 0, count: halves.count)
        ck_half_to_float(halves, &floats, halves.count)
        for (half, float) in zip(halves, floats) {
            let expected = Float(Float16(bitPattern: half))
            #expect(float.bitPattern == expected.bitPattern || (float.isNaN && expected.isNaN))
        }
        var back = [UInt16](repeating: 0, count: halves.count)
        ck_float_to_half(floats, &back, floats.count)
        for (half, again) in zip(halves, back) where !Float16(bitPattern: half).isNaN { #expect(half == again) }
    }

    @Test(arguments: [false, true]) func floatsAreRoundedToNearestEven(portable: Bool) {
        ck_limit_instructions(portable ? CK_PORTABLE : CK_AVX512_FMA)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        var floats: [Float] = [0, -0, 65_504, 65_519.9, 65_520, 1e30, .infinity, -.infinity, 5.9e-8, 2.98e-8, 2.97e-8]
        // Around every boundary between two halves, and halfway.
        for half in UInt16(0)..<0x7C00 {
            let low = Float(Float16(bitPattern: half))
            let high = half == 0x7BFF ? 65_536 : Float(Float16(bitPattern: half + 1))
            let middle = (low + high) / 2
            floats += [middle, middle.nextUp, middle.nextDown, -middle]
        }
        var halves = [UInt16](repeating: 0, count: floats.count)
        ck_float_to_half(floats, &halves, floats.count)
        let wrong = zip(floats, halves).filter { $1 != Float16($0).bitPattern }
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
        let nan: [Float] = [.nan]
        ck_float_to_half(nan, &halves, 1)
        #expect(Float16(bitPattern: halves[0]).isNaN)
    }

    @Test(arguments: [false, true]) func scansAtAnyAlignmentAndDimension(portable: Bool) {
        ck_limit_instructions(portable ? CK_PORTABLE : CK_AVX512_FMA)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        for dimension in [1, 7, 8, 9, 31, 32, 33, 255, 256, 257, 768] {
            let rows = 5
            let query = unitRows(1, dimension, seed: 1), values = unitRows(rows, dimension, seed: 2)
            let halves = values.map { Float16($0).bitPattern }
            let bytes = values.map { UInt8(min(255, max(0, ($0 + 1) * 127))) }
            func sum(_ row: Int, _ value: (Int) -> Float) -> Float {
                Float((0..<dimension).reduce(0.0) { $0 + Double(value(row * dimension + $1)) * Double(query[$1]) })
            }
            for shift in 0..<3 {
                var scores = [Float](repeating: 0, count: rows)
                shifted(values, shift) { ck_inner_products_float($0, rows, dimension, query, &scores) }
                for row in 0..<rows { #expect(abs(scores[row] - sum(row) { values[$0] }) < 1e-5) }
                shifted(halves, shift) { ck_inner_products_half($0, rows, dimension, query, &scores) }
                for row in 0..<rows {
                    #expect(abs(scores[row] - sum(row) { Float(Float16(bitPattern: halves[$0])) }) < 1e-5)
                }
                shifted(bytes, shift) { ck_inner_products_byte($0, rows, dimension, query, 0.5, &scores) }
                for row in 0..<rows { #expect(abs(scores[row] - 0.5 - sum(row) { Float(bytes[$0]) }) < 2e-3) }
            }
        }
    }

    /// Rows are scaled four at a time and end with any number; bits are those of one row after the other.
    @Test func rowsAreScaledToTheBitsOfTheirFourSums() {
        var generator = SeededGenerator(state: 6)
        for (rows, dimension) in [(1, 1), (3, 5), (4, 4), (5, 384), (11, 71), (8, 2)] {
            for bad in [nil, 0, rows - 1] {
                var values = (0..<rows * dimension).map { _ in
                    Float.random(in: -1...1, using: &generator)
                        * Float(sign: .plus, exponent: .random(in: -9...9, using: &generator), significand: 1)
                }
                if let bad { for i in 0..<dimension { values[bad * dimension + i] = bad == 0 ? 0 : .infinity } }
                var expected = values
                for row in 0..<(bad ?? rows) {
                    var sums = [0.0, 0, 0, 0]
                    for i in 0..<dimension {
                        sums[i % 4] += Double(values[row * dimension + i]) * Double(values[row * dimension + i])
                    }
                    let scale = 1 / ((sums[0] + sums[1]) + (sums[2] + sums[3])).squareRoot()
                    for i in 0..<dimension {
                        expected[row * dimension + i] = Float(Double(values[row * dimension + i]) * scale)
                    }
                }
                #expect(Vectors.normalizeRows(&values, rows: rows, columns: dimension) == bad)
                #expect(
                    values.map(\.bitPattern) == expected.map(\.bitPattern),
                    "\(rows) × \(dimension), \(String(describing: bad))")
            }
        }
    }

    private func unitRows(_ rows: Int, _ dimension: Int, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(state: seed)
        var values = (0..<rows * dimension).map { _ in Float.random(in: -1...1, using: &generator) }
        #expect(Vectors.normalizeRows(&values, rows: rows, columns: dimension) == nil)
        return values
    }

    /// Lends the elements copied to an address `shift` bytes off.
    private func shifted<Element>(_ elements: [Element], _ shift: Int, _ body: (UnsafeRawPointer) -> Void) {
        elements.withUnsafeBytes { source in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count + shift, alignment: 64)
            defer { copy.deallocate() }
            UnsafeMutableRawBufferPointer(rebasing: copy[shift...]).copyMemory(from: source)
            if let base = copy.baseAddress { body(base + shift) }
        }
    }
}
