import Kernels
import Parallelism

/// An engine at work on several threads: sequences in, vectors out, batch by batch. Not for concurrent use.
package final class ParallelEncoder {
    package let engine: any EncodingEngine
    package let threads: Int
    private let planner: BatchPlanner
    private var workers: [(worker: any EncodingWorker, vectors: FloatBuffer)] = []

    package init(_ engine: any EncodingEngine, threads: Int, planner: BatchPlanner = BatchPlanner()) {
        self.engine = engine
        self.threads = max(1, threads)
        self.planner = planner
    }

    /// C
    package var dimension: Int { engine.dimension }

    /// - Parameters:
    ///   - sequences: of any lengths, in any order.
    ///   - layers: ascending.
    ///   - receive: called from the threads, once for each batch, with the positions of its sequences and their vectors
    ///     [layers.count, batch.count, C], pooled, not normalised, lent for the call.
    /// - Throws: what `receive` throws first; the rest is left out.
    package func encode(
        _ sequences: [TokenSequence], layers: [Int],
        receive: (_ batch: [Int], _ vectors: UnsafePointer<Float>) throws -> Void
    ) throws {
        let batches = planner.balanced(lengths: sequences.map(\.ids.count), threads: threads)
        while workers.count < Parallel.workers(batches.count, threads: threads) {
            workers.append((engine.makeWorker(), FloatBuffer()))
        }
        try Parallel.forEach(batches.count, threads: threads) { worker, index in
            let batch = batches[index], (worker, vectors) = workers[worker]
            vectors.reserve(layers.count * batch.count * dimension)
            worker.encode(batch.map { sequences[$0] }, layers: layers, into: vectors.pointer)
            try receive(batch, vectors.pointer)
        }
    }

    /// One layer's vectors of all sequences, [sequences.count, C], in order; the last layer's when nil.
    package func encode(_ sequences: [TokenSequence], layer: Int? = nil, into output: UnsafeMutablePointer<Float>) {
        let C = dimension
        // What is received throws nothing.
        try? encode(sequences, layers: [layer ?? engine.layerCount]) { batch, vectors in
            for (place, position) in batch.enumerated() {
                (output + position * C).update(from: vectors + place * C, count: C)
            }
        }
    }
}
