import Kernels

/// What a layer's weights are for.
enum WeightUse: Sendable {
    case inference
    /// Gradients pass through, the weights stay.
    case frozen
    case trained
}

/// Where tensors come from by name: a checkpoint, an adapter's file.
protocol TensorSource {
    /// - Throws: `CheckpointError` when the tensor is missing, of another shape, or of a type we do not compute with.
    func tensor(_ name: String, shape: [Int]) throws -> MappedTensor
}

/// Weights [rows, columns] in float32, with gradients and AdamW moments when trained; several parameters of a
/// checkpoint, or slices of them, may be stacked.
final class ParameterTensor: Sendable {
    struct Part: Sendable {
        let name: String
        /// Of the whole tensor in the checkpoint.
        let shape: [Int]
        /// Floats from the start of that tensor to the part.
        let start: Int
        /// Floats from the start of ours.
        let offset: Int
        let count: Int
    }

    let parts: [Part]
    let rows: Int
    let columns: Int
    let decays: Bool
    let value: FloatBuffer
    /// Empty when not trained.
    let gradient: FloatBuffer
    let firstMoment: FloatBuffer
    let secondMoment: FloatBuffer
    let isTrained: Bool

    var count: Int { rows * columns }

    /// - Parameter parts: slices with full names and their shapes, [rows, columns] or [count], in order.
    init(_ parts: [(slice: ParameterSlice, shape: [Int])], decays: Bool, use: WeightUse) {
        var offset = 0
        self.parts = parts.map { slice, shape in
            let count = shape.reduce(1, *)
            defer { offset += count }
            return Part(
                name: slice.name, shape: [shape[0] * slice.of] + shape.dropFirst(), start: slice.index * count,
                offset: offset, count: count)
        }
        let isMatrix = parts[0].shape.count == 2
        columns = isMatrix ? parts[0].shape[1] : offset
        rows = isMatrix ? offset / columns : 1
        self.decays = decays
        isTrained = use == .trained
        value = FloatBuffer(count: offset)
        let kept = isTrained ? offset : 0
        gradient = FloatBuffer(count: kept)
        firstMoment = FloatBuffer(zeros: kept)
        secondMoment = FloatBuffer(zeros: kept)
    }

    /// Reads every part and refuses NaN and infinity.
    /// - Throws: `CheckpointError` (missing, misshapen, not finite).
    func read(_ source: some TensorSource) throws {
        for part in parts {
            let tensor = try source.tensor(part.name, shape: part.shape), place = value.pointer + part.offset
            tensor.read(start: part.start, count: part.count, into: place)
            guard Vectors.areFinite(place, count: part.count) else {
                throw CheckpointError.notFinite(path: tensor.file.path, tensor: tensor.name)
            }
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
