import CKernels
import COpenBLAS
import Foundation
import TestSupport
import Testing

@testable import Kernels

/// Kernels of the backward pass against plain sums in double, fast and portable.
@Suite struct TrainingKernelTests {
    /// As MatrixProductTests: two float32 sums of up to 777 products of values below 1.
    static let productTolerance = 5e-5
    /// Float32 against double for values of a few units.
    static let tolerance = 1e-5

    private static func values(_ count: Int, _ generator: inout SeededGenerator, _ range: Float = 1) -> [Float] {
        (0..<count).map { _ in Float.random(in: -range...range, using: &generator) }
    }

    private static func close(_ a: [Float], _ b: [Double], _ tolerance: Double) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs(Double($0) - $1) <= tolerance * max(1, abs($1)) }
    }

    @Test(arguments: [false, true])
    func productsOfBothBackwardFormsEqualOpenBLAS(portable: Bool) {
        var generator = SeededGenerator(state: 21)
        ck_limit_instructions(portable ? CK_PORTABLE : CK_AVX512_FMA)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        let scratch = FloatBuffer(count: ck_gemm_scratch_count())
        for (M, N, K) in [(1, 1, 1), (5, 15, 7), (6, 16, 8), (13, 40, 385), (193, 33, 20), (12, 17, 777)] {
            let b = Self.values(K * N, &generator), base = Self.values(M * N, &generator)
            let packed = FloatBuffer(count: ck_gemm_packed_count(N, K))
            b.withUnsafeBufferPointer {
                // By parts, one of which straddles a block of sums.
                let cut = min(K, 380), end = min(K, 390)
                ck_gemm_pack_rows($0.baseAddress!, N, 0, cut, K, N, packed.pointer)
                ck_gemm_pack_rows($0.baseAddress! + cut * N, N, cut, end - cut, K, N, packed.pointer)
                ck_gemm_pack_rows($0.baseAddress! + end * N, N, end, K - end, K, N, packed.pointer)
            }
            for isTransposed in [false, true] {
                let a = Self.values(M * K, &generator)
                for accumulate in [false, true] {
                    var ours = base, expected = base
                    cblas_sgemm(
                        CblasRowMajor, isTransposed ? CblasTrans : CblasNoTrans, CblasNoTrans, Int32(M), Int32(N),
                        Int32(K),
                        1, a, Int32(isTransposed ? M : K), b, Int32(N), accumulate ? 1 : 0, &expected, Int32(N))
                    if isTransposed {
                        ck_gemm_transposed(a, M, packed.pointer, &ours, N, M, N, K, accumulate ? 1 : 0, scratch.pointer)
                    } else if accumulate {
                        ck_gemm_accumulate(a, K, packed.pointer, &ours, N, M, N, K, scratch.pointer)
                    } else {
                        ck_gemm(a, K, packed.pointer, nil, CK_EPILOGUE_NONE, &ours, N, M, N, K, scratch.pointer)
                    }
                    let worst = zip(ours, expected).map { abs(Double($0) - Double($1)) }.max() ?? .infinity
                    #expect(worst <= Self.productTolerance, "\((M, N, K)) transposed \(isTransposed): \(worst)")
                }
            }
            withExtendedLifetime(packed) {}
        }
        withExtendedLifetime(scratch) {}
    }

    @Test(arguments: [false, true])
    func geluBackwardEqualsItsDerivative(portable: Bool) {
        ck_limit_instructions(portable ? CK_PORTABLE : CK_AVX512_FMA)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        let z = (-3001...3000).map { Float($0) * 0.004 } + [0, -0, 30, -30], dg = z.map { cos($0) }
        var out = dg, value = [Float](repeating: .nan, count: z.count)
        ck_gelu_backward(z, dg, &out, &value, z.count)
        for i in z.indices {
            let x = Double(z[i]), phi = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
            let cumulative = (1 + erf(x / 2.0.squareRoot())) / 2
            #expect(abs(Double(value[i]) - x * cumulative) <= 1e-6 * max(1, abs(x)))
            #expect(abs(Double(out[i]) - Double(dg[i]) * (cumulative + x * phi)) <= 2e-6, "z \(x)")
        }
    }

    @Test(arguments: [8, 12, 24, 384], [false, true])
    func layerNormBackwardEqualsDouble(_ C: Int, portable: Bool) {
        ck_limit_instructions(portable ? CK_PORTABLE : CK_AVX512_FMA)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        var generator = SeededGenerator(state: UInt64(C))
        let M = 3, x = Self.values(M * C, &generator, 3), gamma = Self.values(C, &generator),
            beta = Self.values(C, &generator)
        let dout = Self.values(M * C, &generator)
        var sums = [Float](repeating: 0, count: M * C), out = sums, statistics = [Float](repeating: 0, count: 2 * M)
        ck_layer_norm_forward(x, nil, gamma, beta, 1e-5, &sums, &statistics, &out, M, C)
        var dsums = dout, dgamma = [Float](repeating: 1, count: C), dbeta = [Float](repeating: 2, count: C)
        ck_layer_norm_backward(dout, sums, statistics, gamma, &dsums, &dgamma, &dbeta, M, C)
        var expectedGamma = [Double](repeating: 1, count: C), expectedBeta = [Double](repeating: 2, count: C)
        var expected: [Double] = []
        for r in 0..<M {
            let s = (0..<C).map { Double(x[r * C + $0]) }, mean = s.reduce(0, +) / Double(C)
            let variance = s.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(C)
            let inverse = 1 / (variance + 1e-5).squareRoot(), normal = s.map { ($0 - mean) * inverse }
            let g = (0..<C).map { Double(dout[r * C + $0]) * Double(gamma[$0]) }
            let a = g.reduce(0, +) / Double(C), b = zip(g, normal).reduce(0) { $0 + $1.0 * $1.1 } / Double(C)
            for i in 0..<C {
                expected.append((g[i] - a - normal[i] * b) * inverse)
                expectedGamma[i] += Double(dout[r * C + i]) * normal[i]
                expectedBeta[i] += Double(dout[r * C + i])
            }
        }
        #expect(Self.close(dsums, expected, Self.tolerance))
        #expect(Self.close(dgamma, expectedGamma, Self.tolerance))
        #expect(Self.close(dbeta, expectedBeta, Self.tolerance))
    }

    @Test(arguments: [false, true])
    func adamWEqualsItsDefinition(portable: Bool) {
        ck_limit_instructions(portable ? CK_PORTABLE : CK_AVX512_FMA)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        var generator = SeededGenerator(state: 4)
        let n = 37, start = Self.values(n, &generator)
        var p = start, m = [Float](repeating: 0, count: n), v = m
        var dp = start.map(Double.init), dm = [Double](repeating: 0, count: n), dv = dm
        for step in 1...20 {
            let g = Self.values(n, &generator)
            let update = AdamWStep(
                decay: 1 - 0.01 * 0.1, gradientScale: 0.5, beta1: 0.9, beta2: 0.999,
                stepSize: 0.01 / (1 - pow(0.9, Double(step))),
                secondCorrection: (1 - pow(0.999, Double(step))).squareRoot(), epsilon: 1e-8)
            update.apply(&p, gradient: g, firstMoment: &m, secondMoment: &v, count: n)
            for i in 0..<n {
                let d = Double(g[i]) * 0.5
                dp[i] *= 1 - 0.01 * 0.1
                dm[i] = 0.9 * dm[i] + 0.1 * d
                dv[i] = 0.999 * dv[i] + 0.001 * d * d
                let corrected = (dv[i] / (1 - pow(0.999, Double(step)))).squareRoot() + 1e-8
                dp[i] -= 0.01 * dm[i] / (1 - pow(0.9, Double(step))) / corrected
            }
        }
        #expect(Self.close(p, dp, Self.tolerance))
    }

    @Test func portableAndFastBodiesGiveTheSameBits() {
        var generator = SeededGenerator(state: 8)
        let x = Self.values(1003, &generator)
        func results() -> [Float] {
            var sum = x.map { $0 * 2 }, columns = [Float](repeating: 0, count: 59)
            ck_add(x, &sum, x.count)
            ck_add_column_sums(x, 59, 17, 59, &columns)
            var positive = x
            ck_relu(&positive, x.count)
            ck_relu_backward(positive, &sum, x.count)
            return sum + columns + positive + [Float(Vectors.sumOfSquares(x, count: x.count))]
        }
        let fast = results()
        ck_limit_instructions(CK_PORTABLE)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        #expect(results() == fast)
        #expect(abs(Double(fast.last ?? 0) - x.reduce(0) { $0 + Double($1) * Double($1) }) <= 1e-4)
    }
}
