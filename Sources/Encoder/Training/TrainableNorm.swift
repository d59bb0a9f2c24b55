import CKernels

/// Layer norm over C of x + residual, with gradients.
final class TrainableNorm {
    let gain: TrainedTensor
    let offset: TrainedTensor
    private let size: Int
    private let epsilon: Float

    init(name: String, configuration: TransformerConfiguration, trained: Bool) {
        size = configuration.hiddenSize
        epsilon = configuration.layerNormEpsilon
        gain = TrainedTensor([(name + ".weight", [size])], decays: false, trained: trained)
        offset = TrainedTensor([(name + ".bias", [size])], decays: false, trained: trained)
    }

    /// out [M, C]; keeps sums [M, C] = x + residual (may be x) and statistics [M, 2].
    func forward(
        _ x: UnsafePointer<Float>, residual: UnsafePointer<Float>?, rows: Int, sums: UnsafeMutablePointer<Float>,
        statistics: UnsafeMutablePointer<Float>, into out: UnsafeMutablePointer<Float>
    ) {
        ck_layer_norm_forward(
            x, residual, gain.value.pointer, offset.value.pointer, epsilon, sums, statistics, out, rows, size)
    }

    /// dsums [M, C] (may be dout); gains' and offsets' gradients [2, C] of these rows are written to `partial` if trained.
    func backward(
        _ dout: UnsafePointer<Float>, sums: UnsafePointer<Float>, statistics: UnsafePointer<Float>, rows: Int,
        into dsums: UnsafeMutablePointer<Float>, partial: UnsafeMutablePointer<Float>
    ) {
        guard gain.isTrained else {
            ck_layer_norm_backward(dout, sums, statistics, gain.value.pointer, dsums, nil, nil, rows, size)
            return
        }
        partial.update(repeating: 0, count: 2 * size)
        ck_layer_norm_backward(
            dout, sums, statistics, gain.value.pointer, dsums, partial, partial + size, rows, size)
    }

    /// Sums the chunks' partial gradients, each `stride` floats after the one before, in chunk order.
    func addGradients(_ partials: UnsafePointer<Float>, stride: Int, chunks: Int, accumulate: Bool) {
        guard gain.isTrained else { return }
        if !accumulate {
            gain.zeroGradient()
            offset.zeroGradient()
        }
        for chunk in 0..<chunks {
            ck_add(partials + chunk * stride, gain.gradient.pointer, size)
            ck_add(partials + chunk * stride + size, offset.gradient.pointer, size)
        }
    }

    /// The same weights for inference; shares the memory.
    var shared: LayerNorm { LayerNorm(gain: gain.value, offset: offset.value, size: size, epsilon: epsilon) }
}
