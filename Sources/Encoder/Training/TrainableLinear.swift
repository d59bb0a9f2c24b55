import Kernels

/// y = x Wᵀ + b with gradients. W [N, K] is kept as it is and packed twice: for y = x Wᵀ and for dx = dy W.
final class TrainableLinear {
    /// Rows of W whose gradient, and whose update and packing, are one task; a multiple of the kernels' tiles.
    static let rowsPerTask = 96

    /// N
    let outputSize: Int
    /// K
    let inputSize: Int
    let weight: TrainedTensor
    let bias: TrainedTensor
    /// What inference reads too.
    let packed: PackedMatrix
    private let packedForBackward: PackedMatrix

    /// - Parameter parts: names without ".weight" and ".bias", stacked one below the other.
    init(parts: [String], outputSize partSize: Int, inputSize: Int, trained: Bool) {
        outputSize = partSize * parts.count
        self.inputSize = inputSize
        weight = TrainedTensor(
            parts.map { ($0 + ".weight", [partSize, inputSize]) }, decays: true, trained: trained)
        bias = TrainedTensor(parts.map { ($0 + ".bias", [partSize]) }, decays: false, trained: trained)
        packed = PackedMatrix(columns: outputSize, depth: inputSize)
        packedForBackward = PackedMatrix(columns: inputSize, depth: outputSize)
    }

    var taskCount: Int { (outputSize + Self.rowsPerTask - 1) / Self.rowsPerTask }

    func rows(ofTask task: Int) -> Range<Int> {
        task * Self.rowsPerTask..<min(outputSize, (task + 1) * Self.rowsPerTask)
    }

    /// Packs rows of W again after they changed; the first one is a multiple of 16.
    func pack(_ rows: Range<Int>) {
        let source = weight.value.pointer + rows.lowerBound * inputSize
        packed.pack(transposed: source, rows)
        packedForBackward.pack(source, rows)
    }

    /// y [M, N] = x [M, K] Wᵀ + b
    func forward(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>, scratch: FloatBuffer
    ) {
        packed.multiply(x, rows: rows, bias: bias.value.pointer, into: y, scratch: scratch)
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

    /// One task's rows of dW = dyᵀ x and db = Σ dy over all M rows of the batch; `packedInput` is x [M, K] packed by rows.
    func weightGradient(
        task: Int, _ dy: UnsafePointer<Float>, packedInput: PackedMatrix, rows M: Int, accumulate: Bool,
        scratch: FloatBuffer
    ) {
        let rows = rows(ofTask: task), first = rows.lowerBound
        packedInput.multiply(
            transposed: dy + first, stride: outputSize, rows: rows.count, depth: M, accumulate: accumulate,
            into: weight.gradient.pointer + first * inputSize, scratch: scratch)
        if !accumulate { (bias.gradient.pointer + first).update(repeating: 0, count: rows.count) }
        Vectors.addColumnSums(
            dy + first, stride: outputSize, rows: M, columns: rows.count, to: bias.gradient.pointer + first)
    }

    /// AdamW on one task's rows, packed while they are in the cache.
    func update(task: Int, _ update: AdamWUpdate) {
        let rows = rows(ofTask: task)
        weight.update(rows.lowerBound * inputSize..<rows.upperBound * inputSize, update)
        bias.update(rows, update)
        pack(rows)
    }

    /// The same weights for inference; shares the memory.
    var shared: PackedLinear { PackedLinear(packed: packed, bias: bias.value) }
}
