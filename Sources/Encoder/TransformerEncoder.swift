/// The forward pass: pooled vectors of any layers for a batch of token sequences.
///
/// Weights are packed once and shared; each worker thread has its own `Workspace`. The vector of a sequence is bitwise
/// independent of the rest of the batch.
package final class TransformerEncoder: Sendable {
    package let configuration: TransformerConfiguration

    package init(_ checkpoint: Checkpoint) throws {
        configuration = checkpoint.configuration
    }

    /// Buffers of one worker; grows to the largest batch it has seen. Not shared between threads.
    package final class Workspace {
        package init() {}
    }

    /// Floating-point operations of encoding sequences of these lengths up to the highest layer asked for.
    package func floatingPointOperations(lengths: [Int], upToLayer layer: Int) -> Double { 0 }

    /// Encodes a batch on the calling thread.
    /// - Parameters:
    ///   - batch: B sequences, each at most `configuration.maximumLength` long.
    ///   - layers: ascending layer numbers, 0 … L.
    ///   - output: [layers.count, B, C] float32, pooled, not normalised.
    package func encode(
        _ batch: [TokenSequence], layers: [Int], workspace: Workspace, into output: UnsafeMutablePointer<Float>
    ) {}
}
