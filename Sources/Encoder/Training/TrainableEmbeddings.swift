import Kernels

/// Layer 0 with gradients: word + token type + position embeddings, normalised, dropped.
final class TrainableEmbeddings {
    let words: any WordRows
    /// Nil when frozen.
    let trainedWords: TrainableWordTable?
    let positions: TrainedTensor
    let tokenTypes: TrainedTensor
    let norm: TrainableNorm
    private let configuration: TransformerConfiguration
    private let sums = FloatBuffer()
    private let statistics = FloatBuffer()

    init(_ tensors: CheckpointTensors, configuration: TransformerConfiguration, trained: Bool) throws {
        let C = configuration.hiddenSize
        self.configuration = configuration
        if trained {
            let table = try TrainableWordTable(tensors, configuration: configuration)
            words = table
            trainedWords = table
        } else {
            words = try MappedWordTable(tensors, configuration: configuration)
            trainedWords = nil
        }
        positions = TrainedTensor(
            [(ParameterName.positionEmbeddings, [configuration.positionCount, C])], decays: true, trained: trained)
        tokenTypes = TrainedTensor(
            [(ParameterName.tokenTypeEmbeddings, [configuration.tokenTypeCount, C])], decays: true, trained: trained)
        norm = TrainableNorm(name: ParameterName.embeddingNorm, configuration: configuration, trained: trained)
        for tensor in [positions, tokenTypes, norm.gamma, norm.beta] { try tensor.read(tensors) }
    }

    func prepare(_ batch: [TokenSequence], tokens: Int) {
        sums.reserve(tokens * configuration.hiddenSize)
        statistics.reserve(tokens * 2)
        trainedWords?.use(batch)
    }

    private func tokenType(_ sequence: TokenSequence, _ t: Int) -> Int {
        t >= sequence.secondSegmentStart ? min(1, configuration.tokenTypeCount - 1) : 0
    }

    /// out [M, C] rows of a chunk.
    func forward(
        _ batch: [TokenSequence], _ layout: BatchLayout, _ chunk: BatchLayout.Chunk, dropout: DropoutSites?,
        into out: UnsafeMutablePointer<Float>
    ) {
        let C = configuration.hiddenSize, first = chunk.tokens.lowerBound
        for index in chunk.sequences {
            let sequence = batch[index], start = layout.sequences[index].tokens.lowerBound
            for (t, id) in sequence.ids.enumerated() {
                precondition(id >= 0 && Int(id) < configuration.vocabularySize, "token id \(id) has no embedding row")
                let row = sums.pointer + (start + t) * C
                words.read(id: Int(id), into: row)
                Vectors.add(
                    tokenTypes.value.pointer + tokenType(sequence, t) * C,
                    positions.value.pointer + (configuration.firstPosition + t) * C, to: row, count: C)
            }
        }
        let rows = sums.pointer + first * C, states = out + first * C
        norm.forward(
            rows, residual: nil, rows: chunk.tokens.count, sums: rows, statistics: statistics.pointer + first * 2,
            into: states)
        dropout?.apply(layer: -1, .embeddings, states, firstRow: first, rows: chunk.tokens.count, columns: C)
    }

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
            positions.zeroGradient()
            tokenTypes.zeroGradient()
        }
        var token = 0
        for sequence in batch {
            for (t, id) in sequence.ids.enumerated() {
                let row = gradient + token * C
                trainedWords.addGradient(id: Int(id), row)
                Vectors.add(row, to: positions.gradient.pointer + (configuration.firstPosition + t) * C, count: C)
                Vectors.add(row, to: tokenTypes.gradient.pointer + tokenType(sequence, t) * C, count: C)
                token += 1
            }
        }
    }

    var shared: Embeddings {
        Embeddings(
            configuration: configuration, words: words, positions: positions.value, tokenTypes: tokenTypes.value,
            norm: norm.shared)
    }
}
