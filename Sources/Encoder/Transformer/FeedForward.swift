import Kernels

/// W₂ activation(W₁ x + b₁) + b₂ of a block, forward and backward; the residual and the layer norm are the block's.
final class FeedForward: Sendable {
    let intermediate, output: LinearLayer
    private let layer: Int
    private let activation: Activation
    /// C and I.
    private var size: Int { intermediate.inputSize }
    private var width: Int { intermediate.outputSize }

    init(layer: Int, configuration: TransformerConfiguration, use: WeightUse) {
        let C = configuration.hiddenSize, I = configuration.intermediateSize, names = configuration.names
        func linear(_ part: String, _ N: Int, _ K: Int) -> LinearLayer {
            LinearLayer(
                [ParameterSlice(names.block(layer, part))], outputSize: N, inputSize: K,
                hasBias: configuration.architecture.hasBiases, use: use)
        }
        self.layer = layer
        activation = configuration.activation
        intermediate = linear(names.intermediate, I, C)
        output = linear(names.output, C, I)
    }

    /// out [rows, C] for x [rows, C], rows from r0 on of the batch; dropped in training.
    func forward(
        _ x: UnsafePointer<Float>, r0: Int, rows: Int, activations: BlockActivations, dropout: DropoutSites?,
        workspace: Workspace, into out: UnsafeMutablePointer<Float>
    ) {
        let wide = activations.wide.pointer + r0 * width
        guard activations.isForTraining else {
            intermediate.forward(x, rows: rows, activation: activation, into: wide, scratch: workspace.gemm)
            output.forward(wide, rows: rows, into: out, scratch: workspace.gemm)
            return
        }
        let activated = workspace.activated.pointer
        intermediate.forward(x, rows: rows, into: wide, scratch: workspace.gemm)
        activated.update(from: wide, count: rows * width)
        activation.apply(activated, count: rows * width)
        output.forward(activated, rows: rows, into: out, scratch: workspace.gemm)
        dropout?.apply(layer: layer, .output, out, firstRow: r0, rows: rows, columns: size)
    }

    /// Adds the gradient of x [rows, C] to `gradient`, which is that of the forward's out when it comes.
    func backward(
        _ gradient: UnsafeMutablePointer<Float>, input x: UnsafePointer<Float>, r0: Int, rows: Int, allRows: Int,
        activations: BlockActivations, flow: GradientFlow, dropout: DropoutSites?, workspace: Workspace
    ) {
        let dOut = flow.output.pointer + r0 * size, dWide = flow.wide.pointer + r0 * width
        dOut.update(from: gradient, count: rows * size)
        dropout?.apply(layer: layer, .output, dOut, firstRow: r0, rows: rows, columns: size)
        output.inputGradient(
            dOut, rows: rows, into: workspace.wide.pointer, accumulate: false, scratch: workspace.gemm)
        activation.backward(
            activations.wide.pointer + r0 * width, gradient: workspace.wide.pointer, into: dWide,
            value: workspace.activated.pointer, count: rows * width)
        intermediate.inputGradient(dWide, rows: rows, into: gradient, accumulate: true, scratch: workspace.gemm)
        guard output.weight.isTrained else { return }
        flow.packedWide.pack(workspace.activated.pointer, r0..<(r0 + rows), depth: allRows)
        flow.packedAttended.pack(x, r0..<(r0 + rows), depth: allRows)
    }
}
