import CKernels

/// y = x Wᵀ + b with W packed once for `ck_gemm`; several weights with the same input may be stacked.
final class PackedLinear: Sendable {
    /// N
    let outputSize: Int
    /// K
    let inputSize: Int
    private let packed: FloatBuffer
    private let bias: FloatBuffer

    /// Packs `parts` (weight [out, in] and bias [out] by name) one below the other.
    /// - Throws: `CheckpointError` (missing, misshapen, not finite).
    init(_ tensors: CheckpointTensors, parts: [String], outputSize partSize: Int, inputSize: Int) throws {
        outputSize = partSize * parts.count
        self.inputSize = inputSize
        packed = FloatBuffer(count: ck_gemm_packed_count(outputSize, inputSize))
        bias = FloatBuffer(count: outputSize)
        // Widened into one plain matrix first: a tile of 16 columns may straddle two parts.
        let rows = FloatBuffer(count: outputSize * inputSize)
        try withExtendedLifetime(rows) {
            for (index, part) in parts.enumerated() {
                try Self.read(
                    tensors.tensor(part + ".weight", shape: [partSize, inputSize]),
                    into: rows.pointer + index * partSize * inputSize)
                try Self.read(tensors.tensor(part + ".bias", shape: [partSize]), into: bias.pointer + index * partSize)
            }
            ck_gemm_pack(rows.pointer, inputSize, 0, outputSize, outputSize, inputSize, packed.pointer)
        }
    }

    /// Over weights that somebody else owns and packed for [outputSize, inputSize].
    init(packed: FloatBuffer, bias: FloatBuffer, outputSize: Int, inputSize: Int) {
        self.packed = packed
        self.bias = bias
        self.outputSize = outputSize
        self.inputSize = inputSize
    }

    /// out [M, N] = epilogue(x [M, K] Wᵀ + b)
    func apply(
        _ x: UnsafePointer<Float>, rows: Int, gelu: Bool = false, into out: UnsafeMutablePointer<Float>,
        scratch: FloatBuffer
    ) {
        ck_gemm(
            x, inputSize, packed.pointer, bias.pointer, gelu ? CK_EPILOGUE_BIAS_GELU : CK_EPILOGUE_BIAS, out,
            outputSize, rows, outputSize, inputSize, scratch.pointer)
    }

    /// Reads a whole tensor and refuses NaN and infinity.
    static func read(_ tensor: MappedTensor, into out: UnsafeMutablePointer<Float>) throws {
        tensor.read(start: 0, count: tensor.count, into: out)
        guard ck_all_finite(out, tensor.count) == 1 else {
            throw CheckpointError.notFinite(path: tensor.file.path, tensor: tensor.name)
        }
    }
}
