import Kernels

/// y = x Wᵀ + b with W packed once; several weights with the same input may be stacked.
final class PackedLinear: Sendable {
    private let packed: PackedMatrix
    private let bias: FloatBuffer
    /// N
    var outputSize: Int { packed.columns }
    /// K
    var inputSize: Int { packed.depth }

    /// Packs `parts` (weight [out, in] and bias [out] by name) one below the other.
    /// - Throws: `CheckpointError` (missing, misshapen, not finite).
    init(_ tensors: CheckpointTensors, parts: [String], outputSize partSize: Int, inputSize: Int) throws {
        let outputSize = partSize * parts.count
        packed = PackedMatrix(columns: outputSize, depth: inputSize)
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
            packed.pack(transposed: rows.pointer)
        }
    }

    /// Over weights that somebody else owns and packed.
    init(packed: PackedMatrix, bias: FloatBuffer) {
        self.packed = packed
        self.bias = bias
    }

    /// out [M, N] = activation(x [M, K] Wᵀ + b)
    func apply(
        _ x: UnsafePointer<Float>, rows: Int, activation: Activation? = nil, into out: UnsafeMutablePointer<Float>,
        scratch: FloatBuffer
    ) {
        packed.multiply(x, rows: rows, bias: bias.pointer, activation: activation, into: out, scratch: scratch)
    }

    /// Reads a whole tensor and refuses NaN and infinity.
    static func read(_ tensor: MappedTensor, into out: UnsafeMutablePointer<Float>) throws {
        tensor.read(start: 0, count: tensor.count, into: out)
        guard Vectors.areFinite(out, count: tensor.count) else {
            throw CheckpointError.notFinite(path: tensor.file.path, tensor: tensor.name)
        }
    }
}
