import Kernels

/// W₂ f(W₁ x + b₁) + b₂ of a block, forward and backward, f an activation or a gated one; the residual and the layer
/// norm are the block's.
final class FeedForward: Sendable {
    let intermediate, output: LinearLayer
    private let layer: Int
    private let activation: Activation
    private let isGated: Bool
    /// C and I.
    private let size, width: Int
    /// I, or 2I when gated.
    private var wideSize: Int { intermediate.outputSize }

    init(layer: Int, configuration: TransformerConfiguration, use: WeightUse) {
        let C = configuration.hiddenSize, I = configuration.intermediateSize, names = configuration.names
        func linear(_ part: String, _ N: Int, _ K: Int) -> LinearLayer {
            LinearLayer(
                [ParameterSlice(names.block(layer, part))], outputSize: N, inputSize: K,
                hasBias: configuration.biases.feedForward, use: use)
        }
        self.layer = layer
        activation = configuration.activation
        isGated = configuration.architecture.feedForward == .gated
        (size, width) = (C, I)
        intermediate = linear(names.intermediate, configuration.wideSize, C)
        output = linear(names.output, C, I)
    }

    /// out [rows, C] for x [rows, C], rows from r0 on of the batch; dropped in training.
    func forward(
        _ x: UnsafePointer<Float>, r0: Int, rows: Int, activations: BlockActivations, dropout: DropoutSites?,
        workspace: Workspace, into out: UnsafeMutablePointer<Float>
    ) {
        let wide = activations.wide.pointer + r0 * wideSize
        guard activations.isForTraining || isGated else {
            // The activation is computed while its product is in the cache.
            intermediate.forward(x, rows: rows, activation: activation, into: wide, scratch: workspace.gemm)
            output.forward(wide, rows: rows, into: out, scratch: workspace.gemm)
            return
        }
        let activated = workspace.activated.pointer
        intermediate.forward(x, rows: rows, into: wide, scratch: workspace.gemm)
        if isGated {
            gate(wide, rows: rows, into: activated)
        } else {
            activated.update(from: wide, count: rows * width)
            activation.apply(activated, count: rows * width)
        }
        drop(activated, dropout, before: true, r0: r0, rows: rows)
        output.forward(activated, rows: rows, into: out, scratch: workspace.gemm)
        drop(out, dropout, before: false, r0: r0, rows: rows)
    }

    /// activated [rows, I] = activation(a) · b for wide [rows, 2I] = [a; b].
    private func gate(_ wide: UnsafePointer<Float>, rows: Int, into activated: UnsafeMutablePointer<Float>) {
        for row in 0..<rows { (activated + row * width).update(from: wide + row * 2 * width, count: width) }
        activation.apply(activated, count: rows * width)
        for row in 0..<rows {
            Vectors.multiply(wide + (2 * row + 1) * width, into: activated + row * width, count: width)
        }
    }

    private func drop(
        _ x: UnsafeMutablePointer<Float>, _ dropout: DropoutSites?, before: Bool, r0: Int, rows: Int
    ) {
        guard let dropout, dropout.dropsActivated == before else { return }
        dropout.apply(
            layer: layer, before ? .activated : .output, x, firstRow: r0, rows: rows, columns: before ? width : size)
    }

    /// From dout [rows, C] to dx [rows, C], added to what is there when `accumulate`; dx may be dout.
    func backward(
        _ dout: UnsafePointer<Float>, input x: UnsafePointer<Float>, r0: Int, rows: Int, allRows: Int,
        activations: BlockActivations, flow: GradientFlow, dropout: DropoutSites?, workspace: Workspace,
        into dx: UnsafeMutablePointer<Float>, accumulate: Bool
    ) {
        let dOutput = flow.output.pointer + r0 * size, dWide = flow.wide.pointer + r0 * wideSize
        let dActivated = workspace.wide.pointer, activated = workspace.activated.pointer
        let wide = activations.wide.pointer + r0 * wideSize
        dOutput.update(from: dout, count: rows * size)
        drop(dOutput, dropout, before: false, r0: r0, rows: rows)
        output.inputGradient(dOutput, rows: rows, into: dActivated, accumulate: false, scratch: workspace.gemm)
        drop(dActivated, dropout, before: true, r0: r0, rows: rows)
        if isGated {
            gateBackward(wide, dActivated, rows: rows, into: dWide, activated: activated)
        } else {
            activation.backward(wide, gradient: dActivated, into: dWide, value: activated, count: rows * width)
        }
        drop(activated, dropout, before: true, r0: r0, rows: rows)
        intermediate.inputGradient(dWide, rows: rows, into: dx, accumulate: accumulate, scratch: workspace.gemm)
        guard output.weight.isTrained else { return }
        flow.packedWide.pack(activated, r0..<(r0 + rows), depth: allRows)
        flow.packedAttended.pack(x, r0..<(r0 + rows), depth: allRows)
    }

    /// dWide [rows, 2I] and the activated values again, from their gradient [rows, I], which is written over.
    private func gateBackward(
        _ wide: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, rows: Int,
        into dWide: UnsafeMutablePointer<Float>, activated: UnsafeMutablePointer<Float>
    ) {
        for row in 0..<rows {
            let a = wide + row * 2 * width, b = a + width, dA = dWide + row * 2 * width, dB = dA + width
            let own = gradient + row * width, value = activated + row * width
            dB.update(from: own, count: width)
            Vectors.multiply(b, into: own, count: width)
            activation.backward(a, gradient: own, into: dA, value: value, count: width)
            Vectors.multiply(value, into: dB, count: width)
            Vectors.multiply(b, into: value, count: width)
        }
    }
}
