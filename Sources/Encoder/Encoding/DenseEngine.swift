import Kernels

/// An engine whose pooled vectors go on through the Dense modules of a sentence-transformers folder, those of the
/// sequences that ask for it (`TokenSequence.isDense`), at every layer asked for.
final class DenseEngine: EncodingEngine {
    private let base: any EncodingEngine
    private let layers: [(linear: LinearLayer, activation: DenseModules.Activation)]
    package let dimension: Int

    var layerCount: Int { base.layerCount }
    var maximumLength: Int { base.maximumLength }

    /// Reads and packs the modules' weights.
    /// - Throws: `CheckpointError` naming the file, the key or the tensor at fault.
    init(_ base: any EncodingEngine, _ dense: DenseModules) throws {
        try dense.requireInput(hiddenSize: base.dimension)
        self.base = base
        dimension = dense.outputSize
        layers = try dense.modules.map { module in
            let linear = LinearLayer(
                [ParameterSlice("linear")], outputSize: module.outputSize, inputSize: module.inputSize,
                hasBias: module.hasBias, use: .inference)
            try linear.read(module.tensors)
            return (linear, module.activation)
        }
    }

    func operations(length: Int, upToLayer layer: Int) -> Double {
        layers.reduce(base.operations(length: length, upToLayer: layer)) {
            $0 + 2 * Double($1.linear.inputSize) * Double($1.linear.outputSize)
        }
    }

    func makeWorker() -> any EncodingWorker { Worker(self) }

    /// Buffers of one thread.
    private final class Worker: EncodingWorker {
        private let engine: DenseEngine
        private let base: any EncodingWorker
        /// Pooled vectors [layers, B, C], then those of the dense sequences end to end, and what becomes of them.
        private let pooled = FloatBuffer()
        private let input = FloatBuffer(), output = FloatBuffer()
        private let scratch = PackedMatrix.makeScratch()

        init(_ engine: DenseEngine) {
            self.engine = engine
            base = engine.base.makeWorker()
        }

        func encode(_ batch: [TokenSequence], layers: [Int], into vectors: UnsafeMutablePointer<Float>) {
            let B = batch.count, C = engine.base.dimension, N = engine.dimension
            let dense = batch.indices.filter { batch[$0].isDense }
            precondition(N == C || dense.count == B, "vectors of \(C) and \(N) values in one batch")
            guard !dense.isEmpty else { return base.encode(batch, layers: layers, into: vectors) }
            pooled.reserve(layers.count * B * C)
            base.encode(batch, layers: layers, into: pooled.pointer)
            let rows = layers.count * dense.count
            input.reserve(rows * C)
            for layer in layers.indices {
                for (place, sequence) in dense.enumerated() {
                    (input.pointer + (layer * dense.count + place) * C).update(
                        from: pooled.pointer + (layer * B + sequence) * C, count: C)
                }
            }
            let changed = forward(rows: rows)
            if dense.count < B { vectors.update(from: pooled.pointer, count: layers.count * B * C) }
            for layer in layers.indices {
                for (place, sequence) in dense.enumerated() {
                    (vectors + (layer * B + sequence) * N).update(
                        from: changed + (layer * dense.count + place) * N, count: N)
                }
            }
        }

        /// `input` [rows, C] through all modules.
        /// - Returns: [rows, N]
        private func forward(rows: Int) -> UnsafePointer<Float> {
            var (from, to) = (input, output)
            for (linear, activation) in engine.layers {
                to.reserve(rows * linear.outputSize)
                linear.forward(from.pointer, rows: rows, into: to.pointer, scratch: scratch)
                activation.apply(to.pointer, count: rows * linear.outputSize)
                (from, to) = (to, from)
            }
            return UnsafePointer(from.pointer)
        }
    }
}
