import CKernels
import Foundation

/// Attention within one sequence: out[i] = Σ_j softmax_j(q_i · k_j / √D) v_j for every head.
package struct SelfAttention {
    private var input: ck_attention_input

    /// - Parameters:
    ///   - query: [rows, H·D]; `key` and `value`: [T, H·D]; each with the floats from one row to the next.
    ///   - position: place of the first query among the keys.
    ///   - window: a query looks at keys no further away than this; nil for all.
    ///   - bias: added to scores by the distance from query to key; forward without dropout only.
    package init(
        query: UnsafePointer<Float>, queryStride: Int, rows: Int, key: UnsafePointer<Float>,
        value: UnsafePointer<Float>, keyValueStride: Int, length T: Int, heads H: Int, headSize D: Int, position: Int,
        window: Int? = nil, bias: RelativeBias? = nil
    ) {
        precondition(position >= 0 && position + rows <= T)
        input = ck_attention_input(
            q: query, k: key, v: value, ldq: queryStride, ldk: keyValueStride, ldv: keyValueStride, rows: rows, T: T,
            H: H,
            D: D, position: position, window: window ?? Int.max, bias: bias?.center(length: T),
            bias_stride: bias?.stride ?? 0)
    }

    /// Floats of scratch for sequences of up to `length` tokens, forward and backward.
    package static func scratchCount(length T: Int, headSize D: Int) -> Int { ck_attention_scratch_count(T, D) }

    /// out [rows, H·D]; with `dropout` probabilities are dropped, query i being row `firstRow` + i of the site.
    package func forward(
        dropout: DropoutSite? = nil, firstRow: Int = 0, into out: UnsafeMutablePointer<Float>, stride: Int,
        scratch: FloatBuffer
    ) {
        withUnsafePointer(to: input) { input in
            DropoutSite.lend(dropout) { ck_attention(input, $0, firstRow, out, stride, scratch.pointer) }
        }
    }

    /// Gradients of queries, keys and values (overwritten) for dout [rows, H·D].
    package func backward(
        _ dout: UnsafePointer<Float>, stride: Int, dropout: DropoutSite?, firstRow: Int,
        query dq: UnsafeMutablePointer<Float>, queryStride: Int, key dk: UnsafeMutablePointer<Float>,
        value dv: UnsafeMutablePointer<Float>, keyValueStride: Int, scratch: FloatBuffer
    ) {
        withUnsafePointer(to: input) { input in
            DropoutSite.lend(dropout) {
                ck_attention_backward(
                    input, $0, firstRow, dout, stride, dq, queryStride, dk, dv, keyValueStride, scratch.pointer)
            }
        }
    }
}

/// What attention adds to a score for the distance from query to key, head by head.
package final class RelativeBias: Sendable {
    private let values: FloatBuffer
    /// Tokens of the longest sequence.
    private let length: Int
    /// Floats from one head to the next.
    let stride: Int

    /// - Parameter value: of a head and the key's place less the query's, −(length − 1) … length − 1.
    package init(length: Int, heads: Int, value: (_ head: Int, _ distance: Int) -> Float) {
        self.length = length
        stride = 2 * length - 1
        values = FloatBuffer(count: heads * stride)
        for head in 0..<heads {
            for distance in (1 - length)..<length {
                values.pointer[head * stride + length - 1 + distance] = value(head, distance)
            }
        }
    }

    /// Head 0 at distance 0.
    func center(length T: Int) -> UnsafePointer<Float> {
        precondition(T <= length, "a sequence of \(T) tokens, biases for \(length)")
        return UnsafePointer(values.pointer + length - 1)
    }
}

/// Rotary positions (Su et al. 2021, "RoFormer"): the halves of every head's vector are turned by angles that grow with
/// the token's place.
package final class RotaryTable: Sendable {
    // [length, D / 2] each
    private let cosines, sines: FloatBuffer
    private let length: Int
    private let headSize: Int

    /// Angles are computed in float32 as transformers does, so that far places have its rounding.
    package init(base: Double, headSize D: Int, length: Int) {
        precondition(D % 2 == 0, "heads of \(D)")
        self.length = length
        headSize = D
        cosines = FloatBuffer(count: length * D / 2)
        sines = FloatBuffer(count: length * D / 2)
        let frequencies = (0..<D / 2).map { 1 / powf(Float(base), Float(2 * $0) / Float(D)) }
        for place in 0..<length {
            for (i, frequency) in frequencies.enumerated() {
                let angle = Double(Float(place) * frequency)
                cosines.pointer[place * D / 2 + i] = Float(cos(angle))
                sines.pointer[place * D / 2 + i] = Float(sin(angle))
            }
        }
    }

    /// Turns the rows of x [rows, H·D], `stride` floats apart, that stand from `position` on; back for gradients.
    package func rotate(
        _ x: UnsafeMutablePointer<Float>, stride: Int, rows: Int, heads: Int, position: Int, isGradient: Bool = false
    ) {
        precondition(position >= 0 && position + rows <= length)
        let start = position * headSize / 2
        ck_rotate_rows(
            x, stride, rows, heads, headSize, cosines.pointer + start, sines.pointer + start, isGradient ? -1 : 1)
    }
}
