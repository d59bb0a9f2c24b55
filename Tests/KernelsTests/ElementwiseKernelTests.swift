import CKernels
import Foundation
import TestSupport
import Testing

@testable import Kernels

@Suite struct ElementwiseKernelTests {
    /// The rational approximation's own error (4e-7) times |x| / 2, plus rounding.
    static let geluTolerance = 1e-6
    /// Two units in the last place of float32.
    static let expTolerance = 2.5e-7
    /// Float sums of a row against sums in double.
    static let normTolerance = 2e-6

    static let grid: [Float] = (-4000...4000).map { Float($0) * 0.003 } + [-0, 1e-30, -1e-30, 30, -30, 1e30, -1e30]

    @Test(arguments: [false, true])
    func geluEqualsErf(portable: Bool) {
        ck_limit_instructions(portable ? CK_PORTABLE : CK_AVX512_FMA)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        var values = Self.grid
        ck_gelu(&values, values.count)
        for (x, y) in zip(Self.grid, values) {
            let expected = Double(x) * 0.5 * (1 + erf(Double(x) / 2.0.squareRoot()))
            let bound = Self.geluTolerance * max(1, abs(Double(x)))
            #expect(abs(Double(y) - expected) <= bound, "gelu(\(x)) = \(y), expected \(expected)")
        }
    }

    @Test func exponentialIsExactToTwoUlp() {
        let inputs: [Float] = (-8700...0).map { Float($0) * 0.01 }
        var values = inputs
        ck_exp(&values, values.count)
        for (x, y) in zip(inputs, values) {
            let expected = exp(Double(x))
            #expect(abs(Double(y) - expected) <= Self.expTolerance * expected, "exp(\(x))")
        }
    }

    @Test(arguments: [8, 16, 24, 32, 384, 768])
    func layerNormEqualsDouble(_ C: Int) {
        var generator = SeededGenerator(state: UInt64(C))
        func values(_ n: Int) -> [Float] { (0..<n).map { _ in Float.random(in: -3...3, using: &generator) } }
        let M = 3, x = values(M * C), residual = values(M * C), gamma = values(C), beta = values(C)
        var out = [Float](repeating: 0, count: M * C), sums = out
        ck_layer_norm_forward(x, residual, gamma, beta, 1e-5, &sums, nil, &out, M, C)
        for row in 0..<M {
            let sum = (0..<C).map { Double(x[row * C + $0] + residual[row * C + $0]) }
            let mean = sum.reduce(0, +) / Double(C)
            let variance = sum.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(C)
            for i in 0..<C {
                let expected = (sum[i] - mean) / (variance + 1e-5).squareRoot() * Double(gamma[i]) + Double(beta[i])
                #expect(abs(Double(out[row * C + i]) - expected) <= Self.normTolerance * max(1, abs(expected)) * 4)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 5, 8, 9, 17, 40])
    func attentionEqualsDouble(_ T: Int) {
        for (H, D) in [(2, 16), (3, 8), (1, 64), (2, 12)] {
            var generator = SeededGenerator(state: UInt64(T * 100 + D))
            let C = H * D
            func values(_ n: Int) -> [Float] { (0..<n).map { _ in Float.random(in: -2...2, using: &generator) } }
            let q = values(T * C), kv = values(T * 2 * C)
            var out = [Float](repeating: .nan, count: T * C)
            var scratch = [Float](repeating: 0, count: ck_attention_scratch_count(T, D))
            kv.withUnsafeBufferPointer { kv in
                q.withUnsafeBufferPointer { q in
                    var input = ck_attention_input(
                        q: q.baseAddress!, k: kv.baseAddress!, v: kv.baseAddress! + C, ldq: C, ldk: 2 * C, ldv: 2 * C,
                        rows: T, T: T, H: H, D: D, position: 0, window: Int.max, bias: nil, bias_stride: 0)
                    ck_attention(&input, nil, 0, &out, C, &scratch)
                }
            }
            for h in 0..<H {
                for i in 0..<T {
                    let scores = (0..<T).map { j in
                        (0..<D).reduce(0.0) { $0 + Double(q[i * C + h * D + $1]) * Double(kv[j * 2 * C + h * D + $1]) }
                            / Double(D).squareRoot()
                    }
                    let top = scores.max() ?? 0, weights = scores.map { exp($0 - top) }
                    let sum = weights.reduce(0, +)
                    for d in 0..<D {
                        let expected = (0..<T).reduce(0.0) {
                            $0 + weights[$1] / sum * Double(kv[$1 * 2 * C + C + h * D + d])
                        }
                        #expect(abs(Double(out[i * C + h * D + d]) - expected) <= 4e-6, "T \(T) H \(H) D \(D)")
                    }
                }
            }
        }
    }

    @Test func normalisationReportsTheRowItCannotScale() {
        var rows: [Float] = [3, 4, 0, 0, 1, 0]
        #expect(ck_l2_normalize(&rows, 3, 2) == 1)
        #expect(rows[0...1] == [0.6, 0.8])
        var bad: [Float] = [1, .nan]
        #expect(ck_l2_normalize(&bad, 1, 2) == 0)
        var huge: [Float] = [1e30, 1e30]
        #expect(ck_l2_normalize(&huge, 1, 2) == 1)
        #expect(ck_all_finite([1, 2, 3], 3) == 1)
        #expect(ck_all_finite([1, .infinity, 3], 3) == 0)
    }
}
