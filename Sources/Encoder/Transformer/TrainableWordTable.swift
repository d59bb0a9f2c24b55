import Kernels

/// The word embeddings under training: rows no batch ever used stay in the memory-mapped checkpoint.
///
/// A row gets a slot, with gradient and moments, when a batch first uses it. From then on AdamW touches it at every
/// step, as dense AdamW would; a row never used has zero gradient and moments, so all a dense optimiser would do to it
/// is the weight decay, kept as one factor for all such rows.
final class TrainableWordTable: WordRows, @unchecked Sendable {
    /// Rows that are allocated, and updated by one task, together.
    static let rowsPerSegment = 256

    struct Segment {
        let value, gradient, firstMoment, secondMoment: FloatBuffer
    }

    let vocabularySize: Int
    /// C
    let size: Int
    /// -1 when no token is padding.
    private let paddingId: Int
    private let base: MappedWordTable
    private var slots: [Int32]
    /// Ids in order of first use: slot → id.
    private(set) var usedIds: [Int32] = []
    private(set) var segments: [Segment] = []
    /// Product of (1 − rate · decay) over the steps so far.
    private(set) var pendingDecay = 1.0
    /// Slots whose gradient is not zero.
    private var touched: [Int32] = []
    private var isTouched: [Bool] = []

    init(_ tensors: CheckpointTensors, configuration: TransformerConfiguration) throws {
        vocabularySize = configuration.vocabularySize
        size = configuration.hiddenSize
        paddingId = configuration.paddingId.map { Int($0) } ?? -1
        base = try MappedWordTable(tensors, configuration: configuration)
        slots = [Int32](repeating: -1, count: vocabularySize)
    }

    func read(id: Int, into row: UnsafeMutablePointer<Float>) {
        let slot = slots[id]
        if slot >= 0 {
            row.update(from: pointer(\.value, slot), count: size)
            return
        }
        base.read(id: id, into: row)
        if pendingDecay != 1 {
            let factor = Float(pendingDecay)
            for i in 0..<size { row[i] *= factor }
        }
    }

    /// Gives slots to ids that have none; before the threads of a forward pass start.
    func use(_ batch: [TokenSequence]) {
        for sequence in batch {
            for id in sequence.ids {
                precondition(id >= 0 && Int(id) < vocabularySize, "token id \(id) has no embedding row")
                if slots[Int(id)] < 0 { addSlot(for: Int(id)) }
            }
        }
    }

    /// Adds a token's gradient to its row; the padding row has none, as with PyTorch's `padding_idx`.
    func addGradient(id: Int, _ gradient: UnsafePointer<Float>) {
        guard id != paddingId else { return }
        let slot = slots[id]
        if !isTouched[Int(slot)] {
            isTouched[Int(slot)] = true
            touched.append(slot)
        }
        Vectors.add(gradient, to: pointer(\.gradient, slot), count: size)
    }

    func zeroGradients() {
        for slot in touched {
            pointer(\.gradient, slot).update(repeating: 0, count: size)
            isTouched[Int(slot)] = false
        }
        touched.removeAll(keepingCapacity: true)
    }

    /// Σ g² of the rows with a gradient, in order of slots.
    func squaredGradientNorm() -> Double {
        touched.sorted().reduce(0) { $0 + Vectors.sumOfSquares(pointer(\.gradient, $1), count: size) }
    }

    /// Rows of a segment that have an id.
    func rows(ofSegment segment: Int) -> Int {
        min(Self.rowsPerSegment, usedIds.count - segment * Self.rowsPerSegment)
    }

    func update(segment: Int, _ update: AdamWUpdate) {
        let s = segments[segment]
        update.settled(decays: true).apply(
            s.value.pointer, gradient: s.gradient.pointer, firstMoment: s.firstMoment.pointer,
            secondMoment: s.secondMoment.pointer, count: rows(ofSegment: segment) * size)
    }

    /// What a step does to the rows never used.
    func decayUnused(_ update: AdamWUpdate) { pendingDecay *= update.decayFactor }

    /// Gradient of a row, zero when it was never used.
    func readGradient(id: Int, into row: UnsafeMutablePointer<Float>) {
        if slots[id] >= 0 {
            row.update(from: pointer(\.gradient, slots[id]), count: size)
        } else {
            row.update(repeating: 0, count: size)
        }
    }

    /// Back to ids in order of first use, for a state that is read next; values, moments and gradients are zero.
    func reset(usedIds ids: [Int32], pendingDecay: Double) {
        slots = [Int32](repeating: -1, count: vocabularySize)
        usedIds = []
        segments = []
        touched = []
        isTouched = []
        self.pendingDecay = pendingDecay
        for id in ids { addSlot(for: Int(id)) }
    }

    private func addSlot(for id: Int) {
        let slot = usedIds.count
        if slot % Self.rowsPerSegment == 0 { segments.append(newSegment()) }
        let row = segments[slot / Self.rowsPerSegment].value.pointer + slot % Self.rowsPerSegment * size
        read(id: id, into: row)
        slots[id] = Int32(slot)
        usedIds.append(Int32(id))
        isTouched.append(false)
    }

    private func newSegment() -> Segment {
        let count = min(Self.rowsPerSegment, vocabularySize) * size
        return Segment(
            value: FloatBuffer(zeros: count), gradient: FloatBuffer(zeros: count),
            firstMoment: FloatBuffer(zeros: count),
            secondMoment: FloatBuffer(zeros: count))
    }

    private func pointer(_ part: KeyPath<Segment, FloatBuffer>, _ slot: Int32) -> UnsafeMutablePointer<Float> {
        let segment = segments[Int(slot) / Self.rowsPerSegment]
        return segment[keyPath: part].pointer + Int(slot) % Self.rowsPerSegment * size
    }
}
