import CKernels

/// What a feed-forward does to its wide states, element by element, and its gradient.
package enum Activation: String, Sendable {
    /// x · ½(1 + erf(x / √2))
    case gelu
    /// x · ½(1 + tanh(√(2/π)(x + 0.044715 x³)))
    case geluTanh
    /// x / (1 + exp(−x))
    case silu
    /// max(x, 0)
    case relu

    package func apply(_ x: UnsafeMutablePointer<Float>, count: Int) {
        switch self {
        case .gelu: ck_gelu(x, count)
        case .geluTanh: ck_gelu_tanh(x, count)
        case .silu: ck_silu(x, count)
        case .relu: ck_relu(x, count)
        }
    }

    /// value = f(z), out = gradient · f′(z); out may be gradient.
    package func backward(
        _ z: UnsafePointer<Float>, gradient: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
        value: UnsafeMutablePointer<Float>, count: Int
    ) {
        switch self {
        case .gelu: ck_gelu_backward(z, gradient, out, value, count)
        case .geluTanh: ck_gelu_tanh_backward(z, gradient, out, value, count)
        case .silu: ck_silu_backward(z, gradient, out, value, count)
        case .relu:
            value.update(from: z, count: count)
            ck_relu(value, count)
            if out != gradient { out.update(from: gradient, count: count) }
            ck_relu_backward(value, out, count)
        }
    }

    /// gradient = f′(z) · gradient for a ReLU's value, which tells its derivative.
    package static func reluBackward(
        value: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, count: Int
    ) {
        ck_relu_backward(value, gradient, count)
    }
}
