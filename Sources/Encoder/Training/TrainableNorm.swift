import Kernels

/// Layer norm over C of x + residual, with gradients.
final class TrainableNorm {
    let gamma: TrainedTensor
    let beta: TrainedTensor
    private let size: Int
    private let epsilon: Float

    init(name: String, configuration: TransformerConfiguration, trained: Bool) {
        size = configuration.hiddenSize
        epsilon = configuration.layerNormEpsilon
        gamma = TrainedTensor([(name + ".weight", [size])], decays: false, trained: trained)
        beta = TrainedTensor([(name + ".bias", [size])], decays: false, trained: trained)
    }

    /// out [M, C]; keeps sums [M, C] = x + residual (may be x) and statistics [M, 2].
    func forward(
        _ x: UnsafePointer<Float>, residual: UnsafePointer<Float>?, rows: Int, sums: UnsafeMutablePointer<Float>,
        statistics: UnsafeMutablePointer<Float>, into out: UnsafeMutablePointer<Float>
    ) {
        LayerNormalization.forward(
            x, residual: residual, gamma: gamma.value.pointer, beta: beta.value.pointer, epsilon: epsilon, rows: rows,
            columns: size, sums: sums, statistics: statistics, into: out)
    }

    /// dsums [M, C] (may be dout); gradients of gamma and beta [2, C] of these rows are written to `partial` if trained.
    func backward(
        _ dout: UnsafePointer<Float>, sums: UnsafePointer<Float>, statistics: UnsafePointer<Float>, rows: Int,
        into dsums: UnsafeMutablePointer<Float>, partial: UnsafeMutablePointer<Float>
    ) {
        let isTrained = gamma.isTrained
        if isTrained { partial.update(repeating: 0, count: 2 * size) }
        LayerNormalization.backward(
            dout, sums: sums, statistics: statistics, gamma: gamma.value.pointer, rows: rows, columns: size, into: dsums,
            dgamma: isTrained ? partial : nil, dbeta: isTrained ? partial + size : nil)
    }

    /// Sums the chunks' partial gradients, each `stride` floats after the one before, in chunk order.
    func addGradients(_ partials: UnsafePointer<Float>, stride: Int, chunks: Int, accumulate: Bool) {
        guard gamma.isTrained else { return }
        if !accumulate {
            gamma.zeroGradient()
            beta.zeroGradient()
        }
        for chunk in 0..<chunks {
            Vectors.add(partials + chunk * stride, to: gamma.gradient.pointer, count: size)
            Vectors.add(partials + chunk * stride + size, to: beta.gradient.pointer, count: size)
        }
    }

    /// The same weights for inference; shares the memory.
    var shared: LayerNorm { LayerNorm(gamma: gamma.value, beta: beta.value, size: size, epsilon: epsilon) }
}
