import CKernels
import COpenBLAS
import TestSupport
import Testing

@testable import Kernels

@Suite struct MatrixProductTests {
    /// Two float32 sums of up to 777 products of values below 1, each off by a few units in the last place of its
    /// largest partial sum (about 16, so 1e-6 a unit); seen 2.2e-5.
    static let tolerance = 5e-5

    struct Shape: CustomTestStringConvertible {
        let M, N, K: Int
        var testDescription: String { "\(M)×\(N)×\(K)" }
    }

    /// Around every edge: rows of 6 and 12, columns of 16, blocks of 192 rows and 384 sums.
    static let shapes: [Shape] = {
        var list: [Shape] = []
        for M in [1, 5, 6, 7, 12, 13, 17, 191, 192, 193, 200] {
            for (N, K) in [(1, 1), (15, 7), (16, 8), (17, 9), (48, 383), (33, 384), (16, 385), (20, 777)] {
                list.append(Shape(M: M, N: N, K: K))
            }
        }
        return list
    }()

    private static func values(_ count: Int, _ generator: inout SeededGenerator) -> [Float] {
        (0..<count).map { _ in Float(Int(generator.next() >> 40) - (1 << 23)) / Float(1 << 23) }
    }

    static func multiply(
        _ a: [Float], _ w: [Float], bias: [Float]? = nil, epilogue: ck_epilogue = CK_EPILOGUE_NONE, _ s: Shape
    ) -> [Float] {
        let packed = FloatBuffer(count: ck_gemm_packed_count(s.N, s.K))
        let scratch = FloatBuffer(count: ck_gemm_scratch_count())
        var c = [Float](repeating: .nan, count: s.M * s.N)
        withExtendedLifetime((packed, scratch)) {
            ck_gemm_pack(w, s.K, 0, s.N, s.N, s.K, packed.pointer)
            ck_gemm(a, s.K, packed.pointer, bias, epilogue, &c, s.N, s.M, s.N, s.K, scratch.pointer)
        }
        return c
    }

    @Test(arguments: [false, true])
    func equalsOpenBLAS(portable: Bool) {
        var generator = SeededGenerator(state: 1)
        ck_limit_instructions(portable ? CK_PORTABLE : CK_AVX512_FMA)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        for s in Self.shapes where !portable || s.M < 20 {
            let a = Self.values(s.M * s.K, &generator), w = Self.values(s.N * s.K, &generator)
            var expected = [Float](repeating: 0, count: s.M * s.N)
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, Int32(s.M), Int32(s.N), Int32(s.K), 1, a, Int32(s.K), w,
                Int32(s.K), 0, &expected, Int32(s.N))
            let ours = Self.multiply(a, w, s)
            let worst = zip(ours, expected).map { abs(Double($0) - Double($1)) }.max() ?? .infinity
            #expect(worst <= Self.tolerance, "\(s): \(worst)")
        }
    }

    @Test func anElementIsTheSameWhereverItStands() {
        var generator = SeededGenerator(state: 2)
        let K = 500, row = Self.values(K, &generator), column = Self.values(K, &generator)
        let alone = Self.multiply(row, column, Shape(M: 1, N: 1, K: K))[0]
        for (M, N) in [(7, 17), (13, 40), (200, 31)] {
            let a = [Float]((0..<M).flatMap { _ in row }), w = [Float]((0..<N).flatMap { _ in column })
            let all = Self.multiply(a, w, Shape(M: M, N: N, K: K))
            #expect(all.allSatisfy { $0.bitPattern == alone.bitPattern })
        }
    }

    /// Vacuous on a processor without AVX-512.
    @Test func theBitsAreThoseOfAVX2() {
        var generator = SeededGenerator(state: 5)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        // Every number of rows that one or two tiles can have, then the shapes around the edges of blocks.
        let shapes = (1...40).map { Shape(M: $0, N: 37, K: 400) } + Self.shapes
        for s in shapes {
            let a = Self.values(s.M * s.K, &generator), w = Self.values(s.N * s.K, &generator)
            ck_limit_instructions(CK_AVX2_FMA)
            let expected = Self.multiply(a, w, s)
            ck_limit_instructions(CK_AVX512_FMA)
            #expect(Self.multiply(a, w, s) == expected, "\(s)")
        }
    }

    @Test func epiloguesAddBiasAndGELU() {
        var generator = SeededGenerator(state: 3)
        let s = Shape(M: 9, N: 37, K: 400)
        let a = Self.values(s.M * s.K, &generator), w = Self.values(s.N * s.K, &generator)
        let bias = Self.values(s.N, &generator), plain = Self.multiply(a, w, s)
        var expected = plain.enumerated().map { $1 + bias[$0 % s.N] }
        #expect(Self.multiply(a, w, bias: bias, epilogue: CK_EPILOGUE_BIAS, s) == expected)
        ck_gelu(&expected, expected.count)
        #expect(Self.multiply(a, w, bias: bias, epilogue: CK_EPILOGUE_BIAS_GELU, s) == expected)
    }

    @Test func packingByPartsEqualsPackingAtOnce() {
        var generator = SeededGenerator(state: 4)
        let N = 50, K = 390, w = Self.values(N * K, &generator)
        let whole = FloatBuffer(count: ck_gemm_packed_count(N, K)), parts = FloatBuffer(count: whole.count)
        withExtendedLifetime((whole, parts)) {
            ck_gemm_pack(w, K, 0, N, N, K, whole.pointer)
            w.withUnsafeBufferPointer {
                ck_gemm_pack($0.baseAddress!, K, 0, 32, N, K, parts.pointer)
                ck_gemm_pack($0.baseAddress! + 32 * K, K, 32, 18, N, K, parts.pointer)
            }
            let count = ck_gemm_packed_count(N, K)
            #expect((0..<count).allSatisfy { whole.pointer[$0] == parts.pointer[$0] })
        }
    }
}
