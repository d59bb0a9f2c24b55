import CKernels

/// LayerNorm(x + residual) over C, with its gain and offset.
final class LayerNorm: Sendable {
    private let size: Int
    private let gamma: FloatBuffer
    private let beta: FloatBuffer
    private let epsilon: Float

    init(_ tensors: CheckpointTensors, name: String, configuration: TransformerConfiguration) throws {
        size = configuration.hiddenSize
        epsilon = configuration.layerNormEpsilon
        gamma = FloatBuffer(count: size)
        beta = FloatBuffer(count: size)
        try PackedLinear.read(tensors.tensor(name + ".weight", shape: [size]), into: gamma.pointer)
        try PackedLinear.read(tensors.tensor(name + ".bias", shape: [size]), into: beta.pointer)
    }

    /// Over weights that somebody else owns.
    init(gain: FloatBuffer, offset: FloatBuffer, size: Int, epsilon: Float) {
        gamma = gain
        beta = offset
        self.size = size
        self.epsilon = epsilon
    }

    /// out [M, C]; may be x.
    func apply(
        _ x: UnsafePointer<Float>, residual: UnsafePointer<Float>?, rows: Int, into out: UnsafeMutablePointer<Float>
    ) {
        ck_add_layer_norm(x, residual, gamma.pointer, beta.pointer, epsilon, out, rows, size)
    }
}
