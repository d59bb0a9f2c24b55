import Kernels

/// Weights [rows, columns] in float32 with their gradient and AdamW moments; several named parameters may be stacked.
final class TrainedTensor {
    struct Part {
        let name: String
        let shape: [Int]
        /// Floats from the start of the tensor.
        let offset: Int
        var count: Int { shape.reduce(1, *) }
    }

    let parts: [Part]
    let rows: Int
    let columns: Int
    let decays: Bool
    let value: FloatBuffer
    /// Empty when the tensor is frozen.
    let gradient: FloatBuffer
    let firstMoment: FloatBuffer
    let secondMoment: FloatBuffer
    let isTrained: Bool

    var count: Int { rows * columns }

    /// - Parameter parts: names with shapes [rows, columns] or [count], in order.
    init(_ parts: [(name: String, shape: [Int])], decays: Bool, trained: Bool) {
        var offset = 0
        self.parts = parts.map { name, shape in
            defer { offset += shape.reduce(1, *) }
            return Part(name: name, shape: shape, offset: offset)
        }
        let isMatrix = parts[0].shape.count == 2
        columns = isMatrix ? parts[0].shape[1] : offset
        rows = isMatrix ? offset / columns : 1
        self.decays = decays
        isTrained = trained
        value = FloatBuffer(count: offset)
        let kept = trained ? offset : 0
        gradient = FloatBuffer(count: kept)
        firstMoment = FloatBuffer(zeros: kept)
        secondMoment = FloatBuffer(zeros: kept)
    }

    /// Reads every part from a checkpoint.
    /// - Throws: `CheckpointError` (missing, misshapen, not finite).
    func read(_ tensors: CheckpointTensors) throws {
        for part in parts {
            try PackedLinear.read(tensors.tensor(part.name, shape: part.shape), into: value.pointer + part.offset)
        }
    }

    func zeroGradient() {
        if isTrained { gradient.pointer.update(repeating: 0, count: count) }
    }

    /// One AdamW step over floats of the tensor.
    func update(_ range: Range<Int>, _ update: AdamWUpdate) {
        let start = range.lowerBound
        update.settled(decays: decays).apply(
            value.pointer + start, gradient: gradient.pointer + start, firstMoment: firstMoment.pointer + start,
            secondMoment: secondMoment.pointer + start, count: range.count)
    }
}
