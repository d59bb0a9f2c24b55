import Kernels

/// y = x Wᵀ + b. W [N, K] is packed for y = x Wᵀ and, unless only inference is wanted, for dx = dy W; it is also kept
/// as it is when trained. Several weights with the same input may be stacked.
final class LinearLayer: Sendable {
    /// Rows of W whose gradient, and whose update and packing, are one task; a multiple of the kernels' tiles.
    static let rowsPerTask = 96

    /// N
    let outputSize: Int
    /// K
    let inputSize: Int
    let weight: ParameterTensor
    let bias: ParameterTensor?
    private let use: WeightUse
    private let packed: PackedMatrix
    private let packedForBackward: PackedMatrix

    /// - Parameter parts: stacked one below the other, each [partSize, inputSize].
    init(_ parts: [ParameterSlice], outputSize partSize: Int, inputSize: Int, hasBias: Bool, use: WeightUse) {
        func tensor(_ suffix: String, _ shape: [Int], decays: Bool) -> ParameterTensor {
            ParameterTensor(
                parts.map { (ParameterSlice($0.name + suffix, $0.index, of: $0.of), shape) }, decays: decays, use: use)
        }
        outputSize = partSize * parts.count
        self.inputSize = inputSize
        self.use = use
        weight = tensor(".weight", [partSize, inputSize], decays: true)
        bias = hasBias ? tensor(".bias", [partSize], decays: false) : nil
        packed = PackedMatrix(columns: outputSize, depth: inputSize)
        packedForBackward = use == .inference ? PackedMatrix() : PackedMatrix(columns: inputSize, depth: outputSize)
    }

    var parameters: [ParameterTensor] { [weight] + (bias.map { [$0] } ?? []) }

    /// - Throws: `CheckpointError` (missing, misshapen, not finite).
    func read(_ source: some TensorSource) throws {
        try weight.read(source)
        try bias?.read(source)
        pack(0..<outputSize)
        // Packed is all that anybody reads from now on.
        if use != .trained { weight.value.release() }
    }

    /// Packs rows of W again after they changed; the first one is a multiple of 16.
    func pack(_ rows: Range<Int>) {
        let source = weight.value.pointer + rows.lowerBound * inputSize
        packed.pack(transposed: source, rows)
        if use != .inference { packedForBackward.pack(source, rows) }
    }

    /// y [M, N] = activation(x [M, K] Wᵀ + b)
    func forward(
        _ x: UnsafePointer<Float>, rows: Int, activation: Activation? = nil, into y: UnsafeMutablePointer<Float>,
        scratch: FloatBuffer
    ) {
        packed.multiply(x, rows: rows, bias: bias?.value.pointer, activation: activation, into: y, scratch: scratch)
    }

    /// dx [M, K] = dy [M, N] W; added to dx when `accumulate`.
    func inputGradient(
        _ dy: UnsafePointer<Float>, rows: Int, into dx: UnsafeMutablePointer<Float>, accumulate: Bool,
        scratch: FloatBuffer
    ) {
        if accumulate {
            packedForBackward.multiplyAdding(dy, rows: rows, into: dx, scratch: scratch)
        } else {
            packedForBackward.multiply(dy, rows: rows, into: dx, scratch: scratch)
        }
    }

    // MARK: Weight gradients and updates, by tasks

    var taskCount: Int { (outputSize + Self.rowsPerTask - 1) / Self.rowsPerTask }

    private func rows(ofTask task: Int) -> Range<Int> {
        task * Self.rowsPerTask..<min(outputSize, (task + 1) * Self.rowsPerTask)
    }

    /// One task's rows of dW = dyᵀ x and db = Σ dy over all M rows of the batch; `packedInput` is x [M, K] packed by
    /// rows.
    func weightGradient(
        task: Int, _ dy: UnsafePointer<Float>, packedInput: PackedMatrix, rows M: Int, accumulate: Bool,
        scratch: FloatBuffer
    ) {
        let rows = rows(ofTask: task), first = rows.lowerBound
        packedInput.multiply(
            transposed: dy + first, stride: outputSize, rows: rows.count, depth: M, accumulate: accumulate,
            into: weight.gradient.pointer + first * inputSize, scratch: scratch)
        guard let bias else { return }
        if !accumulate { (bias.gradient.pointer + first).update(repeating: 0, count: rows.count) }
        Vectors.addColumnSums(
            dy + first, stride: outputSize, rows: M, columns: rows.count, to: bias.gradient.pointer + first)
    }

    /// AdamW on one task's rows, packed while they are in the cache.
    func update(task: Int, _ update: AdamWUpdate) {
        let rows = rows(ofTask: task)
        weight.update(rows.lowerBound * inputSize..<rows.upperBound * inputSize, update)
        bias?.update(rows, update)
        pack(rows)
    }
}
