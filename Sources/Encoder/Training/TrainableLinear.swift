import CKernels

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
    let packed: FloatBuffer
    private let packedForBackward: FloatBuffer

    /// - Parameter parts: names without ".weight" and ".bias", stacked one below the other.
    init(parts: [String], outputSize partSize: Int, inputSize: Int, trained: Bool) {
        outputSize = partSize * parts.count
        self.inputSize = inputSize
        weight = TrainedTensor(
            parts.map { ($0 + ".weight", [partSize, inputSize]) }, decays: true, trained: trained)
        bias = TrainedTensor(parts.map { ($0 + ".bias", [partSize]) }, decays: false, trained: trained)
        packed = FloatBuffer(count: ck_gemm_packed_count(outputSize, inputSize))
        packedForBackward = FloatBuffer(count: ck_gemm_packed_count(inputSize, outputSize))
    }

    var taskCount: Int { (outputSize + Self.rowsPerTask - 1) / Self.rowsPerTask }

    func rows(ofTask task: Int) -> Range<Int> {
        task * Self.rowsPerTask..<min(outputSize, (task + 1) * Self.rowsPerTask)
    }

    /// Packs rows of W again after they changed; the first one is a multiple of 16.
    func pack(_ rows: Range<Int>) {
        let source = weight.value.pointer + rows.lowerBound * inputSize
        ck_gemm_pack(source, inputSize, rows.lowerBound, rows.count, outputSize, inputSize, packed.pointer)
        ck_gemm_pack_rows(
            source, inputSize, rows.lowerBound, rows.count, outputSize, inputSize, packedForBackward.pointer)
    }

    /// y [M, N] = x [M, K] Wᵀ + b
    func forward(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>, scratch: FloatBuffer
    ) {
        ck_gemm(
            x, inputSize, packed.pointer, bias.value.pointer, CK_EPILOGUE_BIAS, y, outputSize, rows, outputSize,
            inputSize, scratch.pointer)
    }

    /// dx [M, K] = dy [M, N] W; added to dx when `accumulate`.
    func inputGradient(
        _ dy: UnsafePointer<Float>, rows: Int, into dx: UnsafeMutablePointer<Float>, accumulate: Bool,
        scratch: FloatBuffer
    ) {
        if accumulate {
            ck_gemm_accumulate(
                dy, outputSize, packedForBackward.pointer, dx, inputSize, rows, inputSize, outputSize, scratch.pointer)
        } else {
            ck_gemm(
                dy, outputSize, packedForBackward.pointer, nil, CK_EPILOGUE_NONE, dx, inputSize, rows, inputSize,
                outputSize, scratch.pointer)
        }
    }

    /// One task's rows of dW = dyᵀ x and db = Σ dy over all M rows of the batch; `packedInput` is x [M, K] packed by rows.
    func weightGradient(
        task: Int, _ dy: UnsafePointer<Float>, packedInput: UnsafePointer<Float>, rows M: Int, accumulate: Bool,
        scratch: FloatBuffer
    ) {
        let rows = rows(ofTask: task), first = rows.lowerBound
        ck_gemm_transposed(
            dy + first, outputSize, packedInput, weight.gradient.pointer + first * inputSize, inputSize, rows.count,
            inputSize, M, accumulate ? 1 : 0, scratch.pointer)
        if !accumulate { (bias.gradient.pointer + first).update(repeating: 0, count: rows.count) }
        ck_add_column_sums(dy + first, outputSize, M, rows.count, bias.gradient.pointer + first)
    }

    /// AdamW on one task's rows, packed while they are in the cache.
    func update(task: Int, _ update: AdamWUpdate) {
        let rows = rows(ofTask: task)
        weight.update(rows.lowerBound * inputSize..<rows.upperBound * inputSize, update)
        bias.update(rows, update)
        pack(rows)
    }

    /// The same weights for inference; shares the memory.
    var shared: PackedLinear {
        PackedLinear(packed: packed, bias: bias.value, outputSize: outputSize, inputSize: inputSize)
    }
}
