import Kernels

/// Layer 0: word embeddings, plus those of token types and positions where the family has them, normalised, and dropped
/// in training; forward and backward.
///
/// The word table stays memory-mapped (XLM-R's is 768 MB in float32); only rows in use are read.
final class Embeddings: Sendable {
    let words: any WordRows
    /// Nil unless trained.
    let trainedWords: TrainableWordTable?
    /// Nil for families without.
    let positions, tokenTypes: ParameterTensor?
    let norm: LayerNorm
    private let configuration: TransformerConfiguration
    // Sums before the layer norm [M, C] and its statistics [M, 2], of the batch in training.
    private let sums = FloatBuffer()
    private let statistics = FloatBuffer()

    /// - Throws: `CheckpointError` (missing, misshapen, not finite).
    init(_ tensors: CheckpointTensors, configuration: TransformerConfiguration, use: WeightUse) throws {
        let C = configuration.hiddenSize, names = configuration.names
        self.configuration = configuration
        if use == .trained {
            let table = try TrainableWordTable(tensors, configuration: configuration)
            words = table
            trainedWords = table
        } else {
            words = try MappedWordTable(tensors, configuration: configuration)
            trainedWords = nil
        }
        func table(_ name: String?, rows: Int) -> ParameterTensor? {
            name.map { ParameterTensor([(ParameterSlice($0), [rows, C])], decays: true, use: use) }
        }
        positions = table(names.positionEmbeddings, rows: configuration.positionCount)
        tokenTypes = table(names.tokenTypeEmbeddings, rows: configuration.tokenTypeCount)
        norm = LayerNorm(names.embeddingNorm, configuration: configuration, use: use)
        for parameter in parameters { try parameter.read(tensors) }
    }

    /// All but the word table.
    var parameters: [ParameterTensor] { [positions, tokenTypes].compactMap { $0 } + norm.parameters }

    // MARK: Forward

    private func tokenType(_ sequence: TokenSequence, _ t: Int) -> Int {
        t >= sequence.secondSegmentStart ? min(1, configuration.tokenTypeCount - 1) : 0
    }

    /// The sums of a sequence's tokens, [T, C].
    private func sum(_ sequence: TokenSequence, into rows: UnsafeMutablePointer<Float>) {
        let C = configuration.hiddenSize
        for (t, id) in sequence.ids.enumerated() {
            precondition(id >= 0 && Int(id) < configuration.vocabularySize, "token id \(id) has no embedding row")
            let row = rows + t * C
            words.read(id: Int(id), into: row)
            // Hugging Face's order of addition: (word + type) + position.
            if let tokenTypes { Vectors.add(tokenTypes.value.pointer + tokenType(sequence, t) * C, to: row, count: C) }
            if let positions {
                Vectors.add(positions.value.pointer + (configuration.firstPosition + t) * C, to: row, count: C)
            }
        }
    }

    /// States of one sequence, [T, C], in inference.
    func forward(_ sequence: TokenSequence, into states: UnsafeMutablePointer<Float>) {
        sum(sequence, into: states)
        norm.forward(states, residual: nil, rows: sequence.ids.count, into: states)
    }

    /// Before the threads of a training pass start.
    func prepare(_ batch: [TokenSequence], tokens: Int) {
        sums.reserve(tokens * configuration.hiddenSize)
        statistics.reserve(tokens * 2)
        trainedWords?.use(batch)
    }

    /// A chunk's rows of out [M, C] in training.
    func forward(
        _ batch: [TokenSequence], _ layout: BatchLayout, _ chunk: BatchLayout.Chunk, dropout: DropoutSites?,
        into out: UnsafeMutablePointer<Float>
    ) {
        let C = configuration.hiddenSize, first = chunk.tokens.lowerBound
        for index in chunk.sequences {
            sum(batch[index], into: sums.pointer + layout.sequences[index].tokens.lowerBound * C)
        }
        let rows = sums.pointer + first * C, states = out + first * C
        norm.forward(
            rows, residual: nil, rows: chunk.tokens.count, sums: rows, statistics: statistics.pointer + first * 2,
            into: states)
        dropout?.apply(layer: -1, .embeddings, states, firstRow: first, rows: chunk.tokens.count, columns: C)
    }

    // MARK: Backward

    /// Turns a chunk's gradients of the block input (all of [M, C]) into those of the sums, in place.
    func backward(
        _ chunk: BatchLayout.Chunk, dropout: DropoutSites?, _ gradient: UnsafeMutablePointer<Float>,
        partial: UnsafeMutablePointer<Float>
    ) {
        let C = configuration.hiddenSize, first = chunk.tokens.lowerBound, rows = gradient + first * C
        dropout?.apply(layer: -1, .embeddings, rows, firstRow: first, rows: chunk.tokens.count, columns: C)
        norm.backward(
            rows, sums: sums.pointer + first * C, statistics: statistics.pointer + first * 2, rows: chunk.tokens.count,
            into: rows, partial: partial)
    }

    /// Adds the gradients of all M tokens to their rows, in token order.
    func addGradients(_ batch: [TokenSequence], _ gradient: UnsafePointer<Float>, accumulate: Bool) {
        guard let trainedWords else { return }
        let C = configuration.hiddenSize
        if !accumulate {
            positions?.zeroGradient()
            tokenTypes?.zeroGradient()
        }
        var token = 0
        for sequence in batch {
            for (t, id) in sequence.ids.enumerated() {
                let row = gradient + token * C
                trainedWords.addGradient(id: Int(id), row)
                if let positions {
                    Vectors.add(row, to: positions.gradient.pointer + (configuration.firstPosition + t) * C, count: C)
                }
                if let tokenTypes {
                    Vectors.add(row, to: tokenTypes.gradient.pointer + tokenType(sequence, t) * C, count: C)
                }
                token += 1
            }
        }
    }
}

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
