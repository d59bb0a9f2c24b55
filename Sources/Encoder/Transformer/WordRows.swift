import Kernels

/// Where the word embeddings of an encoder come from, row by row.
protocol WordRows: Sendable {
    /// Row `id` [C]; the caller has checked that the id is in the vocabulary.
    func read(id: Int, into row: UnsafeMutablePointer<Float>)
}

/// The word table of a checkpoint; it stays memory-mapped, only rows in use are read.
final class MappedWordTable: WordRows {
    private let table: MappedTensor
    private let size: Int

    /// - Throws: `CheckpointError` (missing, misshapen, not finite).
    init(_ tensors: CheckpointTensors, configuration: TransformerConfiguration) throws {
        size = configuration.hiddenSize
        table = try tensors.tensor(
            configuration.names.wordEmbeddings, shape: [configuration.vocabularySize, configuration.hiddenSize])
        try checkFinite()
    }

    func read(id: Int, into row: UnsafeMutablePointer<Float>) { table.read(start: id * size, count: size, into: row) }

    /// Reads the word table once, block by block: NaN weights are found before hours of work, not after.
    private func checkFinite() throws {
        let block = FloatBuffer(count: 1 << 20)
        try withExtendedLifetime(block) {
            var start = 0
            while start < table.count {
                let count = min(block.count, table.count - start)
                table.read(start: start, count: count, into: block.pointer)
                guard Vectors.areFinite(block.pointer, count: count) else {
                    throw CheckpointError.notFinite(path: table.file.path, tensor: table.name)
                }
                start += count
            }
        }
    }
}
