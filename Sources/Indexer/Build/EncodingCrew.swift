import Encoder
import Fingerprinting
import Foundation
import Kernels
import Parallelism

/// Threads that encode the sequences of all units in order and put them into the units' spools.
///
/// Workers take whole chunks and never wait for each other: while the last chunks of one unit are under way, others are
/// already at the next one. What is encoded does not depend on who did it, in which batch, or in which order.
///
/// Unchecked Sendable: mutable state is touched under `condition` only; `locations` is written by the worker that owns
/// the sequence's chunk and read by others only after `wait(for:)`, which synchronises through `condition`.
final class EncodingCrew: @unchecked Sendable {
    /// Sequences to encode together, and the file their vectors go to.
    struct Unit {
        let name: String
        /// Positions in the pool, in the order of the plan.
        let sequences: [UInt32]
        let spool: VectorSpool
        /// The spool's number in `VectorSources`.
        let source: Int
    }

    struct Settings: Sendable {
        var threads: Int
        /// Sequences of one spool record: what a kill costs each thread at most.
        var chunkSequences: Int
        /// Tokens of one call of the engine (one sequence at least).
        var batchTokens: Int
    }

    struct Callbacks: Sendable {
        /// Asked between batches.
        let shouldStop: @Sendable () -> Bool
        /// A batch is done: operations, sequences, tokens.
        let advance: @Sendable (Double, Int, Int) -> Void
        /// Work on a unit begins.
        let phase: @Sendable (String) -> Void
        /// Makes the error for a vector that is zero or not finite: sequence, layer number.
        let badVector: @Sendable (Int, Int) -> any Error
    }

    /// The job was asked to stop; what was finished is in the spools.
    struct Stopped: Error {}

    private struct Chunk {
        let unit: Int
        let range: Range<Int>
    }

    private let engine: any EncodingEngine
    private let pool: SequencePool
    private let shape: VectorShape
    private let units: [Unit]
    private let chunks: [Chunk]
    private let locations: UnsafeMutableBufferPointer<VectorLocation>
    private let settings: Settings
    private let planner: BatchPlanner
    private let callbacks: Callbacks
    /// Operations by sequence length.
    private let operations: [Double]

    private let condition = NSCondition()
    private var nextChunk = 0
    private var unfinishedChunks: [Int]
    private var running = 0
    private var failure: (any Error)?

    /// - Parameter locations: of every sequence of the pool; outlives the crew.
    init(
        engine: any EncodingEngine, pool: SequencePool, shape: VectorShape, units: [Unit],
        locations: UnsafeMutableBufferPointer<VectorLocation>, operations: [Double], settings: Settings,
        callbacks: Callbacks
    ) {
        self.engine = engine
        self.pool = pool
        self.shape = shape
        self.units = units
        self.locations = locations
        self.operations = operations
        self.settings = settings
        planner = BatchPlanner(tokens: settings.batchTokens)
        self.callbacks = callbacks
        var chunks: [Chunk] = []
        unfinishedChunks = []
        for (number, unit) in units.enumerated() {
            let before = chunks.count
            for start in stride(from: 0, to: unit.sequences.count, by: settings.chunkSequences) {
                let end = min(start + settings.chunkSequences, unit.sequences.count)
                chunks.append(Chunk(unit: number, range: start..<end))
            }
            unfinishedChunks.append(chunks.count - before)
        }
        self.chunks = chunks
    }

    /// Starts as many of the threads as the system gives; without any, `wait` does the work itself.
    func start() {
        for _ in 0..<min(settings.threads, chunks.count) {
            // Counted first: it may be done before `start` returns.
            count(running: 1)
            if ThreadStart.start(stackBytes: 8 << 20, { [self] in work() }) { continue }
            count(running: -1)
            return
        }
    }

    private func count(running change: Int) {
        condition.lock()
        running += change
        condition.broadcast()
        condition.unlock()
    }

    /// Waits until all sequences of a unit are in its spool.
    /// - Throws: what a worker failed with; `Stopped`.
    func wait(for unit: Int) throws {
        var own: (worker: any EncodingWorker, buffers: Buffers)?
        while true {
            condition.lock()
            while running > 0 && unfinishedChunks[unit] > 0 && failure == nil { condition.wait() }
            let (unfinished, failure) = (unfinishedChunks[unit], failure)
            condition.unlock()
            if unfinished == 0 { return }
            if let failure { throw failure }
            // Nobody is left to wait for: no thread could be started.
            let mine = own ?? (engine.makeWorker(), Buffers())
            own = mine
            guard let chunk = takeChunk() else { continue }
            finish(chunk, worker: mine.worker, buffers: mine.buffers)
        }
    }

    /// Makes the workers finish their batch and leave; waits for them.
    func dismiss() {
        condition.lock()
        if failure == nil { failure = Stopped() }
        while running > 0 { condition.wait() }
        condition.unlock()
    }

    private func work() {
        let worker = engine.makeWorker()
        let buffers = Buffers()
        while let chunk = takeChunk() { finish(chunk, worker: worker, buffers: buffers) }
        count(running: -1)
    }

    private func finish(_ chunk: Chunk, worker: any EncodingWorker, buffers: Buffers) {
        let result = Result { try encode(chunk, worker: worker, buffers: buffers) }
        condition.lock()
        switch result {
        case .success(let complete):
            if complete { unfinishedChunks[chunk.unit] -= 1 } else if failure == nil { failure = Stopped() }
        case .failure(let error):
            if failure == nil { failure = error }
        }
        condition.broadcast()
        condition.unlock()
    }

    private func takeChunk() -> Chunk? {
        condition.lock()
        defer { condition.unlock() }
        guard failure == nil, nextChunk < chunks.count else { return nil }
        nextChunk += 1
        let chunk = chunks[nextChunk - 1]
        if chunk.range.lowerBound == 0 { callbacks.phase(units[chunk.unit].name) }
        return chunk
    }

    private var mustLeave: Bool {
        if callbacks.shouldStop() { return true }
        condition.lock()
        defer { condition.unlock() }
        return failure != nil
    }

    /// Memory of one worker, kept from chunk to chunk.
    private final class Buffers {
        var vectors = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        let floats = FloatBuffer()

        func reserve(vectorBytes: Int) {
            guard vectors.count < vectorBytes else { return }
            vectors.deallocate()
            vectors = .allocate(byteCount: vectorBytes, alignment: 64)
        }

        deinit { vectors.deallocate() }
    }

    /// - Returns: false when the crew was asked to leave before the chunk was complete; what was done is kept.
    private func encode(_ chunk: Chunk, worker: any EncodingWorker, buffers: Buffers) throws -> Bool {
        let unit = units[chunk.unit]
        let sequences = unit.sequences[chunk.range]
        let capacity = sequences.count
        buffers.reserve(vectorBytes: capacity * shape.sequenceBytes)
        var done = 0
        for range in planner.neighbours(lengths: sequences.map { pool.length(at: Int($0)) }) {
            if mustLeave { break }
            let first = sequences.startIndex + range.lowerBound
            let batch = sequences[first..<first + range.count]
            try encode(batch, worker: worker, buffers: buffers, firstPosition: range.lowerBound, capacity: capacity)
            done = range.upperBound
        }
        if done > 0 {
            let finished = sequences.prefix(done)
            let record = try unit.spool.append(
                digests: finished.map { pool.digests[Int($0)] }[...], vectors: UnsafeRawBufferPointer(buffers.vectors),
                capacity: capacity)
            for (position, sequence) in finished.enumerated() {
                locations[Int(sequence)] = VectorLocation(source: unit.source, record: record, position: position)
            }
        }
        return done == capacity
    }

    /// Encodes one batch, normalises, converts, and puts the vectors at their places in [layers, capacity, C].
    private func encode(
        _ batch: ArraySlice<UInt32>, worker: any EncodingWorker, buffers: Buffers, firstPosition: Int,
        capacity: Int
    ) throws {
        let dimension = shape.dimension
        buffers.floats.reserve(shape.layers.count * batch.count * dimension)
        guard let vectors = buffers.vectors.baseAddress else { return }
        let floats = buffers.floats.pointer
        let inputs = batch.map { pool.sequence(at: Int($0)) }
        worker.encode(inputs, layers: shape.layers, into: floats)
        for (index, layer) in shape.layers.enumerated() {
            let rows = floats + index * batch.count * dimension
            if let bad = Vectors.normalizeRows(rows, rows: batch.count, columns: dimension) {
                throw callbacks.badVector(Int(batch[batch.startIndex + bad]), layer)
            }
            let place = vectors + (index * capacity + firstPosition) * shape.vectorBytes
            shape.element.encode(rows, count: batch.count * dimension, into: place)
        }
        let tokens = inputs.reduce(0) { $0 + $1.ids.count }
        let cost = inputs.reduce(0.0) { $0 + operations[$1.ids.count] }
        callbacks.advance(cost, batch.count, tokens)
    }
}
