import Foundation
import TestSupport
import Testing

@testable import Kernels

/// Attention within a window, with biases by distance, of some rows only; and rotary positions: against double.
@Suite struct AttentionReachTests {
    /// Float32 sums of up to 40 products of a few units.
    private static let tolerance = 4e-6

    private static func values(_ count: Int, _ generator: inout SeededGenerator) -> [Float] {
        (0..<count).map { _ in Float.random(in: -2...2, using: &generator) }
    }

    @Test(arguments: [1, 5, 8, 21, 40], [false, true])
    func windowsAndBiasesEqualDouble(T: Int, portable: Bool) {
        var generator = SeededGenerator(state: UInt64(T))
        let H = 2, D = 16, C = H * D
        let query = Self.values(T * C, &generator), keyValue = Self.values(T * 2 * C, &generator)
        let biases = Self.values(H * 100, &generator)
        for (window, isBiased) in [(nil, true), (0, false), (2, false), (7, true), (39, false)] as [(Int?, Bool)] {
            for first in Set([0, T / 2, T - 1]) {
                let rows = T - first
                let bias =
                    isBiased
                    ? RelativeBias(length: 50, heads: H) { biases[$0 * 100 + $1 + 49] } : nil
                var out = [Float](repeating: .nan, count: rows * C)
                let scratch = FloatBuffer(count: SelfAttention.scratchCount(length: T, headSize: D))
                query.withUnsafeBufferPointer { query in
                    keyValue.withUnsafeBufferPointer { keyValue in
                        Arithmetic.withPortable(portable) {
                            SelfAttention(
                                query: query.baseAddress! + first * C, queryStride: C, rows: rows,
                                key: keyValue.baseAddress!, value: keyValue.baseAddress! + C, keyValueStride: 2 * C,
                                length: T, heads: H, headSize: D, position: first, window: window, bias: bias
                            ).forward(into: &out, stride: C, scratch: scratch)
                        }
                    }
                }
                for h in 0..<H {
                    for i in first..<T {
                        let seen = (0..<T).filter { j in window.map { abs(i - j) <= $0 } ?? true }
                        var scores: [Double] = []
                        for j in seen {
                            var score = 0.0
                            for d in 0..<D {
                                score += Double(query[i * C + h * D + d]) * Double(keyValue[j * 2 * C + h * D + d])
                            }
                            score /= Double(D).squareRoot()
                            if isBiased { score += Double(biases[h * 100 + j - i + 49]) }
                            scores.append(score)
                        }
                        let top = scores.max() ?? 0
                        let weights: [Double] = scores.map { exp($0 - top) }
                        let sum: Double = weights.reduce(0, +)
                        for d in 0..<D {
                            var expected = 0.0
                            for (j, weight) in zip(seen, weights) {
                                expected += weight / sum * Double(keyValue[j * 2 * C + C + h * D + d])
                            }
                            let found = Double(out[(i - first) * C + h * D + d])
                            #expect(abs(found - expected) <= Self.tolerance, "T \(T), window \(window ?? -1), row \(i)")
                        }
                    }
                }
            }
        }
    }

    /// The gradient is the transpose: turned back, a vector is itself again.
    @Test(arguments: [false, true])
    func rotationsEqualTheirDefinitionAndTurnBack(portable: Bool) {
        var generator = SeededGenerator(state: 3)
        let H = 3, D = 24, rows = 5, position = 11, table = RotaryTable(base: 10_000, headSize: D, length: 40)
        let start = Self.values(rows * H * D, &generator)
        var x = start
        Arithmetic.withPortable(portable) {
            table.rotate(&x, stride: H * D, rows: rows, heads: H, position: position)
        }
        for r in 0..<rows {
            for h in 0..<H {
                for d in 0..<D / 2 {
                    let frequency: Double = pow(10_000, -Double(2 * d) / Double(D))
                    let angle = Double(position + r) * frequency, at = (r * H + h) * D + d
                    let a = Double(start[at]), b = Double(start[at + D / 2])
                    let first: Double = a * cos(angle) - b * sin(angle),
                        second: Double = b * cos(angle) + a * sin(angle)
                    #expect(abs(Double(x[at]) - first) <= 1e-5)
                    #expect(abs(Double(x[at + D / 2]) - second) <= 1e-5)
                }
            }
        }
        table.rotate(&x, stride: H * D, rows: rows, heads: H, position: position, isGradient: true)
        for (back, value) in zip(x, start) { #expect(abs(back - value) <= 1e-6) }
    }
}
