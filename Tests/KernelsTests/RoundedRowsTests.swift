import CKernels
import TestSupport
import Testing

@testable import Kernels

@Suite struct RoundedRowsTests {
    private func rows(_ count: Int, _ dimension: Int, _ random: inout SeededGenerator) -> [Float] {
        (0..<(count * dimension)).map { _ in random.unit() * (random.below(9) == 0 ? 20 : 1) - 0.2 }
    }

    /// row = centre + scale · bytes + rest, and the rest and the whole are no longer than said.
    @Test(arguments: [1, 4, 15, 16, 17, 48, 301])
    func aRowIsWithinItsBounds(dimension: Int) {
        var random = SeededGenerator(state: UInt64(dimension))
        let row = rows(1, dimension, &random), center = rows(1, dimension, &random), other = rows(1, dimension, &random)
        var bytes = [Int8](repeating: 99, count: 4 * ck_byte_groups(dimension))
        var scratch = [Float](repeating: 0, count: 2 * dimension), rounded = ck_rounded()
        ck_round_row(row, center, other, dimension, &bytes, &scratch, &rounded)
        var (length, error, product, sum) = (0.0, 0.0, 0.0, 0)
        for k in 0..<dimension {
            let difference = Double(row[k] - center[k])
            let rest = difference - Double(rounded.scale) * Double(bytes[k])
            length += difference * difference
            error += rest * rest
            product += difference * Double(other[k])
            sum += Int(bytes[k])
        }
        #expect(Double(rounded.length) >= length.squareRoot() && Double(rounded.length) < 1.02 * length.squareRoot())
        #expect(Double(rounded.error) >= error.squareRoot())
        #expect(Double(rounded.error) < 1.02 * error.squareRoot() + 1e-6 * length.squareRoot())
        #expect(abs(Double(rounded.product) - product) <= 1e-5 * length.squareRoot() * 100)
        #expect(Int(rounded.sum) == sum && bytes.contains { $0.magnitude == 127 })
        #expect(bytes[dimension...].allSatisfy { $0 == 0 })
    }

    /// The processor's kernel and the portable one give the sums of whole numbers, rows and columns past the tiles too.
    @Test func productsAreExact() {
        var random = SeededGenerator(state: 5)
        for (m, n, k) in [(1, 1, 1), (3, 33, 7), (12, 32, 64), (29, 70, 386)] {
            let groups = ck_byte_groups(k), width = 4 * groups, columns = (n + 31) / 32 * 32
            let center = [Float](repeating: 0, count: k)
            var scratch = [Float](repeating: 0, count: 2 * k)
            func rounded(_ count: Int) -> ([Int8], [ck_rounded]) {
                let source = rows(count, k, &random)
                var bytes = [Int8](repeating: 0, count: count * width)
                var known = [ck_rounded](repeating: ck_rounded(), count: count)
                for i in 0..<count {
                    source.withUnsafeBufferPointer { source in
                        bytes.withUnsafeMutableBufferPointer { bytes in
                            ck_round_row(
                                source.baseAddress! + i * k, center, center, k, bytes.baseAddress! + i * width,
                                &scratch, &known[i])
                        }
                    }
                }
                return (bytes, known)
            }
            let (a, known) = rounded(m), (b, _) = rounded(n)
            var packed = [UInt32](repeating: 0, count: columns * groups)
            ck_pack_bytes(b, n, groups, &packed)
            for most in [CK_AVX512_FMA, CK_PORTABLE] {
                ck_limit_instructions(most)
                defer { ck_limit_instructions(CK_AVX512_FMA) }
                var c = [Int32](repeating: -1, count: m * columns)
                ck_byte_products(a, known, m, packed, n, groups, &c, columns)
                for i in 0..<m {
                    for j in 0..<n {
                        let sum = (0..<k).reduce(0) { $0 + Int(a[i * width + $1]) * Int(b[j * width + $1]) }
                        #expect(Int(c[i * columns + j]) == sum, "\(most) [\(i), \(j)] of \(m) × \(n) × \(k)")
                    }
                }
            }
        }
    }

    /// What is counted as above is above, what is left out is below, whatever the instructions.
    @Test func decisions() {
        var random = SeededGenerator(state: 6)
        let count = 77
        let products = (0..<count).map { _ in Int32(random.below(2000)) - 1000 }
        func values(_ scale: Float) -> [Float] { (0..<count).map { _ in (random.unit() + 1) * scale } }
        let (scale, length, error, offset) = (values(0.01), values(0.5), values(0.05), values(0.5))
        var level = ck_level(level: 0.5, scale: 0.1, length: 1, error: 0.02, slack: 0.01)
        var expected: (above: UInt32, open: [UInt32]) = (0, [])
        for i in 0..<count {
            let difference = level.scale * scale[i] * Float(products[i]) + offset[i] - level.level
            let bound = level.error * length[i] + level.length * error[i] + level.slack
            if difference > bound {
                expected.above += 1
            } else if abs(difference) <= bound {
                expected.open.append(UInt32(i))
            }
        }
        #expect(expected.above > 0 && !expected.open.isEmpty && expected.open.count < count - Int(expected.above))
        for most in [CK_AVX512_FMA, CK_AVX2_FMA, CK_PORTABLE] {
            ck_limit_instructions(most)
            defer { ck_limit_instructions(CK_AVX512_FMA) }
            var above: UInt32 = 0, undecided = [UInt32](repeating: 0, count: count + 16)
            let found = scale.withUnsafeBufferPointer { scale in
                length.withUnsafeBufferPointer { length in
                    error.withUnsafeBufferPointer { error in
                        offset.withUnsafeBufferPointer { offset in
                            var candidates = ck_candidates(
                                scale: scale.baseAddress, length: length.baseAddress, error: error.baseAddress,
                                offset: offset.baseAddress)
                            return ck_decide(products, &candidates, count, &level, &above, &undecided)
                        }
                    }
                }
            }
            #expect(above == expected.above && Array(undecided[..<found]) == expected.open, "\(most)")
        }
    }

    /// Bit for bit the packed product, over more than one block of its sums, with AVX-512, AVX2 and without.
    @Test func chainsAreThoseOfThePackedProduct() {
        var random = SeededGenerator(state: 7)
        for (n, k) in [(1, 3), (21, 384), (40, 1000)] {
            let a = rows(1, k, &random), b = rows(n, k, &random)
            for most in [CK_AVX512_FMA, CK_AVX2_FMA, CK_PORTABLE] {
                ck_limit_instructions(most)
                defer { ck_limit_instructions(CK_AVX512_FMA) }
                let packed = PackedMatrix(columns: n, depth: k), scratch = PackedMatrix.makeScratch()
                packed.pack(transposed: b)
                var product = [Float](repeating: 0, count: n)
                packed.multiply(a, rows: 1, into: &product, scratch: scratch)
                let asked = (0..<n).reversed().map(UInt32.init)
                var chains = [Float](repeating: 0, count: n), sums = chains
                asked.withUnsafeBufferPointer {
                    ByteProducts.exactProducts(a, b, rows: $0, dimension: k, into: &chains)
                    ByteProducts.products(a, b, rows: $0, dimension: k, into: &sums)
                }
                #expect(chains.map(\.bitPattern) == product.reversed().map(\.bitPattern), "\(most)")
                // Values up to 20, a thousand of them.
                #expect(zip(sums, chains).allSatisfy { abs($0 - $1) <= 1e-6 * 400 * Float(k) }, "\(most)")
            }
        }
    }
}
