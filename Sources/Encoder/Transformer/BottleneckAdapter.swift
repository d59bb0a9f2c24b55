import Kernels

/// A Pfeiffer adapter after a block's feed-forward, forward and backward.
///
/// With y the feed-forward's output and x its residual: t = LayerNorm(y + x), u = up(relu(down(t))); the block goes on
/// with LayerNorm((u + y) + x), by the same layer norm. Where norms stand before the layers there is none behind the
/// feed-forward: t = y, and the block goes on with (u + y) + x. Source: `adapters`, BottleneckLayer with SeqBnConfig
/// (original_ln_before, original_ln_after and residual_before_ln true, adapter_residual_before_ln false).
final class BottleneckAdapter: Sendable {
    /// The name of the adapters trained here.
    static let ownName = "polylex"

    let down: LinearLayer
    let up: LinearLayer
    var width: Int { down.outputSize }
    var linears: [LinearLayer] { [down, up] }

    init(layer: Int, name: String = ownName, width: Int, configuration: TransformerConfiguration, use: WeightUse) {
        let C = configuration.hiddenSize, names = configuration.names.adapter(layer, name)
        down = LinearLayer([ParameterSlice(names.down)], outputSize: width, inputSize: C, hasBias: true, use: use)
        up = LinearLayer([ParameterSlice(names.up)], outputSize: C, inputSize: width, hasBias: true, use: use)
    }

    func read(_ source: some TensorSource) throws {
        for linear in linears { try linear.read(source) }
    }

    /// Weights normal with deviation 0.02, biases zero: the "bert" initialisation of `adapters`.
    func initialize(layer: Int, seed: UInt64) {
        for (index, linear) in linears.enumerated() {
            var normal = CounterNormal(seed: seed, stream: UInt32(layer * 2 + index))
            for i in 0..<linear.weight.count { linear.weight.value.pointer[i] = 0.02 * normal.next() }
            linear.bias?.value.pointer.update(repeating: 0, count: linear.outputSize)
            linear.pack(0..<linear.outputSize)
        }
    }

    /// y [rows, C] += u; rows from r0 on of the activations.
    func forward(
        _ y: UnsafeMutablePointer<Float>, residual x: UnsafePointer<Float>, norm: LayerNorm?, r0: Int, rows: Int,
        activations: BlockActivations, workspace: Workspace
    ) {
        let C = down.inputSize, hidden = activations.adapterHidden.pointer + r0 * width
        let states = activations.adapterInput.pointer + r0 * C, raised = workspace.gathered.pointer
        let kept = activations.kept(activations.adapterSums, activations.adapterStatistics, row: r0, columns: C)
        if let norm {
            norm.forward(y, residual: x, rows: rows, sums: kept.sums, statistics: kept.statistics, into: states)
        } else {
            states.update(from: y, count: rows * C)
        }
        down.forward(states, rows: rows, into: hidden, scratch: workspace.gemm)
        Activation.relu.apply(hidden, count: rows * width)
        up.forward(hidden, rows: rows, into: raised, scratch: workspace.gemm)
        Vectors.add(raised, to: y, count: rows * C)
    }

    /// Adds to `gradient` [rows, C], the gradient of u + y (+ x), what reaches y (and x, through the norm) by the
    /// bottleneck.
    func backward(
        _ gradient: UnsafeMutablePointer<Float>, norm: LayerNorm?, r0: Int, rows: Int, allRows: Int,
        activations: BlockActivations, flow: GradientFlow, workspace: Workspace, needsInput: Bool
    ) {
        let C = down.inputSize
        let dUp = flow.adapterUp.pointer + r0 * C, dDown = flow.adapterDown.pointer + r0 * width
        let hidden = activations.adapterHidden.pointer + r0 * width, input = activations.adapterInput.pointer + r0 * C
        dUp.update(from: gradient, count: rows * C)
        up.inputGradient(dUp, rows: rows, into: dDown, accumulate: false, scratch: workspace.gemm)
        Activation.reluBackward(value: hidden, gradient: dDown, count: rows * width)
        flow.packedAdapterHidden.pack(hidden, r0..<(r0 + rows), depth: allRows)
        flow.packedAdapterInput.pack(input, r0..<(r0 + rows), depth: allRows)
        guard needsInput else { return }
        let states = workspace.states.pointer
        down.inputGradient(dDown, rows: rows, into: states, accumulate: false, scratch: workspace.gemm)
        // The norm's own weights are the base's, which stand still where there are adapters.
        norm?.backward(
            states, sums: activations.adapterSums.pointer + r0 * C,
            statistics: activations.adapterStatistics.pointer + r0 * 2, rows: rows, into: states, partial: states)
        Vectors.add(states, to: gradient, count: rows * C)
    }
}
