import Kernels

/// A Pfeiffer adapter with gradients; `BottleneckAdapter` says what it computes.
final class TrainableAdapter {
    let down: TrainableLinear
    let up: TrainableLinear
    var width: Int { down.outputSize }

    /// Weights normal with deviation 0.02, biases zero: the "bert" initialisation of `adapters`.
    init(layer: Int, width: Int, configuration: TransformerConfiguration) {
        let C = configuration.hiddenSize
        down = TrainableLinear(
            parts: [AdapterName.down(layer)], outputSize: width, inputSize: C, trained: true)
        up = TrainableLinear(parts: [AdapterName.up(layer)], outputSize: C, inputSize: width, trained: true)
    }

    func initialize(layer: Int, seed: UInt64) {
        for (index, linear) in [down, up].enumerated() {
            var normal = CounterNormal(seed: seed, stream: UInt32(layer * 2 + index))
            for i in 0..<linear.weight.count { linear.weight.value.pointer[i] = 0.02 * normal.next() }
            linear.bias.value.pointer.update(repeating: 0, count: linear.outputSize)
            linear.pack(0..<linear.outputSize)
        }
    }

    /// y [rows, C] += up(relu(down(LayerNorm(y + x)))); rows from r0 on of the saved activations.
    func forward(
        _ y: UnsafeMutablePointer<Float>, residual x: UnsafePointer<Float>, norm: TrainableNorm, r0: Int, rows: Int,
        saved: SavedActivations, workspace: TrainingWorkspace
    ) {
        let C = down.inputSize, hidden = saved.adapterHidden.pointer + r0 * width
        let states = saved.adapterInput.pointer + r0 * C
        norm.forward(
            y, residual: x, rows: rows, sums: saved.adapterSums.pointer + r0 * C,
            statistics: saved.adapterStatistics.pointer + r0 * 2, into: states)
        down.forward(states, rows: rows, into: hidden, scratch: workspace.gemm)
        Activation.relu.apply(hidden, count: rows * width)
        up.forward(hidden, rows: rows, into: workspace.residual.pointer, scratch: workspace.gemm)
        Vectors.add(workspace.residual.pointer, to: y, count: rows * C)
    }

    /// Adds to `gradient` [rows, C], the gradient of up + y + x, what reaches y + x through the bottleneck.
    func backward(
        _ gradient: UnsafeMutablePointer<Float>, norm: TrainableNorm, r0: Int, rows: Int, allRows: Int,
        saved: SavedActivations, flow: GradientFlow, workspace: TrainingWorkspace, needsInput: Bool
    ) {
        let C = down.inputSize
        let dUp = flow.adapterUp.pointer + r0 * C, dDown = flow.adapterDown.pointer + r0 * width
        let hidden = saved.adapterHidden.pointer + r0 * width, input = saved.adapterInput.pointer + r0 * C
        dUp.update(from: gradient, count: rows * C)
        up.inputGradient(dUp, rows: rows, into: dDown, accumulate: false, scratch: workspace.gemm)
        Activation.reluBackward(value: hidden, gradient: dDown, count: rows * width)
        flow.packedAdapterHidden.pack(hidden, r0..<(r0 + rows), depth: allRows)
        flow.packedAdapterInput.pack(input, r0..<(r0 + rows), depth: allRows)
        guard needsInput else { return }
        let states = workspace.states.pointer
        down.inputGradient(dDown, rows: rows, into: states, accumulate: false, scratch: workspace.gemm)
        norm.backward(
            states, sums: saved.adapterSums.pointer + r0 * C, statistics: saved.adapterStatistics.pointer + r0 * 2,
            rows: rows, into: states, partial: states)
        Vectors.add(states, to: gradient, count: rows * C)
    }

    var shared: BottleneckAdapter { BottleneckAdapter(down: down.shared, up: up.shared) }
}
