/// What turns token sequences into pooled hidden states: a model made ready to compute, on this processor or on
/// another.
///
/// A vector depends on its sequence alone, not on the batch or the thread it was computed in.
package protocol EncodingEngine: Sendable {
    /// C
    var dimension: Int { get }
    /// L; layers 0 (embeddings) … L (last block) may be asked for.
    var layerCount: Int { get }
    /// Tokens of the longest sequence, special tokens included.
    var maximumLength: Int { get }

    /// Buffers of one thread.
    func makeWorker() -> any EncodingWorker

    /// Floating-point operations of one sequence of this many tokens: the weight of progress.
    func operations(length: Int, upToLayer layer: Int) -> Double
}

/// One thread's part of an engine; not for concurrent use.
package protocol EncodingWorker: AnyObject {
    /// - Parameters:
    ///   - batch: B sequences.
    ///   - layers: ascending.
    ///   - output: [layers.count, B, C] float32, pooled, not normalised.
    func encode(_ batch: [TokenSequence], layers: [Int], into output: UnsafeMutablePointer<Float>)
}

extension Checkpoint {
    /// The engine that encodes with this checkpoint: the one place that chooses.
    /// - Parameters:
    ///   - highestLayer: blocks above it are never computed; all of them are when nil.
    ///   - dense: what pooled vectors of sequences that ask for it go on through.
    /// - Throws: `CheckpointError` naming the tensor at fault.
    package func engine(highestLayer: Int? = nil, dense: DenseModules? = nil) throws -> any EncodingEngine {
        let engine = try CPUEngine(self, highestLayer: highestLayer)
        return try dense.map { try DenseEngine(engine, $0) } ?? engine
    }

    /// What `engine` computes with, which decides the last bits of its vectors: known before weights are read, because
    /// stored vectors are asked whether it would make them again.
    package static var engineArithmetic: (name: String, precision: String) {
        (CPUEngine.arithmetic, CPUEngine.precision)
    }
}
