import CKernels

/// Layer norm over rows of C values: (s − mean) / σ · gamma + beta.
package enum LayerNormalization {
    /// out [M, C] = norm of s = x + residual; may be x. With `sums` [M, C] (may be x) and `statistics` [M, 2] what
    /// `backward` needs is kept.
    package static func forward(
        _ x: UnsafePointer<Float>, residual: UnsafePointer<Float>?, gamma: UnsafePointer<Float>,
        beta: UnsafePointer<Float>, epsilon: Float, rows M: Int, columns C: Int, sums: UnsafeMutablePointer<Float>?,
        statistics: UnsafeMutablePointer<Float>?, into out: UnsafeMutablePointer<Float>
    ) {
        ck_layer_norm_forward(x, residual, gamma, beta, epsilon, sums ?? out, statistics, out, M, C)
    }

    /// dsums [M, C] (may be dout) from dout; gradients of gamma and beta [C] are added to, unless nil.
    package static func backward(
        _ dout: UnsafePointer<Float>, sums: UnsafePointer<Float>, statistics: UnsafePointer<Float>,
        gamma: UnsafePointer<Float>, rows M: Int, columns C: Int, into dsums: UnsafeMutablePointer<Float>,
        dgamma: UnsafeMutablePointer<Float>?, dbeta: UnsafeMutablePointer<Float>?
    ) {
        ck_layer_norm_backward(dout, sums, statistics, gamma, dsums, dgamma, dbeta, M, C)
    }
}
