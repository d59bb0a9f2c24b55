import CKernels

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
