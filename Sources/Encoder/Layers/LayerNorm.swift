import Kernels

/// LayerNorm(x + residual) over C, with its gamma and beta.
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
    init(gamma: FloatBuffer, beta: FloatBuffer, size: Int, epsilon: Float) {
        self.gamma = gamma
        self.beta = beta
        self.size = size
        self.epsilon = epsilon
    }

    /// out [M, C]; may be x.
    func apply(
        _ x: UnsafePointer<Float>, residual: UnsafePointer<Float>?, rows: Int, into out: UnsafeMutablePointer<Float>
    ) {
        LayerNormalization.forward(
            x, residual: residual, gamma: gamma.pointer, beta: beta.pointer, epsilon: epsilon, rows: rows, columns: size,
            sums: nil, statistics: nil, into: out)
    }
}
