import Kernels

/// A Pfeiffer adapter after a block's feed-forward, forward only.
///
/// With y the feed-forward's output and x its residual: t = LayerNorm(y + x), u = up(relu(down(t))); the block goes on
/// with LayerNorm((u + y) + x), by the same layer norm. Source: `adapters`, BottleneckLayer with SeqBnConfig
/// (original_ln_before, original_ln_after and residual_before_ln true, adapter_residual_before_ln false).
final class BottleneckAdapter: Sendable {
    private let down: PackedLinear
    private let up: PackedLinear

    init(down: PackedLinear, up: PackedLinear) {
        self.down = down
        self.up = up
    }

    /// y [M, C] += u.
    func apply(
        _ y: UnsafeMutablePointer<Float>, residual x: UnsafePointer<Float>, norm: LayerNorm, rows: Int,
        workspace: TransformerEncoder.Workspace
    ) {
        let C = down.inputSize, width = down.outputSize
        workspace.adapterStates.reserve(rows * C)
        workspace.adapterHidden.reserve(rows * width)
        let states = workspace.adapterStates.pointer, hidden = workspace.adapterHidden.pointer
        norm.apply(y, residual: x, rows: rows, into: states)
        down.apply(states, rows: rows, into: hidden, scratch: workspace.gemm)
        Activation.relu.apply(hidden, count: rows * width)
        up.apply(hidden, rows: rows, into: states, scratch: workspace.gemm)
        Vectors.add(states, to: y, count: rows * C)
    }
}
