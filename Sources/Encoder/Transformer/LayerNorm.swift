import Kernels

/// Layer norm over C of x + residual, forward and backward.
final class LayerNorm: Sendable {
    let gamma: ParameterTensor
    private let beta: ParameterTensor?
    /// Zeros without a bias.
    private let betaValues: FloatBuffer
    private let size: Int
    private let epsilon: Float

    /// - Parameter name: without ".weight" and ".bias".
    init(_ name: String, configuration: TransformerConfiguration, use: WeightUse) {
        size = configuration.hiddenSize
        epsilon = configuration.layerNormEpsilon
        gamma = ParameterTensor([(ParameterSlice(name + ".weight"), [size])], decays: false, use: use)
        let hasBias = configuration.biases.norms
        beta = hasBias ? ParameterTensor([(ParameterSlice(name + ".bias"), [size])], decays: false, use: use) : nil
        betaValues = beta?.value ?? FloatBuffer(zeros: size)
    }

    var parameters: [ParameterTensor] { [gamma] + (beta.map { [$0] } ?? []) }

    func read(_ source: some TensorSource) throws {
        for parameter in parameters { try parameter.read(source) }
    }

    /// out [M, C]; may be x. With `sums` [M, C] (may be x) and `statistics` [M, 2] keeps what `backward` needs.
    func forward(
        _ x: UnsafePointer<Float>, residual: UnsafePointer<Float>?, rows: Int, sums: UnsafeMutablePointer<Float>? = nil,
        statistics: UnsafeMutablePointer<Float>? = nil, into out: UnsafeMutablePointer<Float>
    ) {
        LayerNormalization.forward(
            x, residual: residual, gamma: gamma.value.pointer, beta: betaValues.pointer, epsilon: epsilon, rows: rows,
            columns: size, sums: sums, statistics: statistics, into: out)
    }

    /// dsums [M, C] (may be dout); gradients of gamma and beta [2, C] of these rows are written to `partial` if
    /// trained.
    func backward(
        _ dout: UnsafePointer<Float>, sums: UnsafePointer<Float>, statistics: UnsafePointer<Float>, rows: Int,
        into dsums: UnsafeMutablePointer<Float>, partial: UnsafeMutablePointer<Float>
    ) {
        let isTrained = gamma.isTrained
        if isTrained { partial.update(repeating: 0, count: 2 * size) }
        LayerNormalization.backward(
            dout, sums: sums, statistics: statistics, gamma: gamma.value.pointer, rows: rows, columns: size,
            into: dsums,
            dgamma: isTrained ? partial : nil, dbeta: isTrained ? partial + size : nil)
    }

    /// Sums the chunks' partial gradients, each `stride` floats after the one before, in chunk order.
    func addGradients(_ partials: UnsafePointer<Float>, stride: Int, chunks: Int, accumulate: Bool) {
        guard gamma.isTrained else { return }
        if !accumulate { for parameter in parameters { parameter.zeroGradient() } }
        for chunk in 0..<chunks {
            Vectors.add(partials + chunk * stride, to: gamma.gradient.pointer, count: size)
            if let beta { Vectors.add(partials + chunk * stride + size, to: beta.gradient.pointer, count: size) }
        }
    }
}
