import Kernels

/// Layer 0: word + token type + position embeddings, normalised.
///
/// The word table stays memory-mapped (XLM-R's is 768 MB in float32); only rows in use are read.
final class Embeddings: Sendable {
    private let configuration: TransformerConfiguration
    private let words: any WordRows
    private let positions: FloatBuffer
    private let tokenTypes: FloatBuffer
    private let norm: LayerNorm

    init(_ tensors: CheckpointTensors, configuration: TransformerConfiguration) throws {
        let C = configuration.hiddenSize
        self.configuration = configuration
        words = try MappedWordTable(tensors, configuration: configuration)
        positions = FloatBuffer(count: configuration.positionCount * C)
        tokenTypes = FloatBuffer(count: configuration.tokenTypeCount * C)
        try PackedLinear.read(
            tensors.tensor(ParameterName.positionEmbeddings, shape: [configuration.positionCount, C]),
            into: positions.pointer)
        try PackedLinear.read(
            tensors.tensor(ParameterName.tokenTypeEmbeddings, shape: [configuration.tokenTypeCount, C]),
            into: tokenTypes.pointer)
        norm = try LayerNorm(tensors, name: ParameterName.embeddingNorm, configuration: configuration)
    }

    /// Over weights that somebody else owns.
    init(
        configuration: TransformerConfiguration, words: any WordRows, positions: FloatBuffer, tokenTypes: FloatBuffer,
        norm: LayerNorm
    ) {
        self.configuration = configuration
        self.words = words
        self.positions = positions
        self.tokenTypes = tokenTypes
        self.norm = norm
    }

    /// hidden [T, C] of one sequence.
    func apply(_ sequence: TokenSequence, into hidden: UnsafeMutablePointer<Float>) {
        let C = configuration.hiddenSize
        for (t, id) in sequence.ids.enumerated() {
            precondition(id >= 0 && Int(id) < configuration.vocabularySize, "token id \(id) has no embedding row")
            let row = hidden + t * C
            words.read(id: Int(id), into: row)
            let type = t >= sequence.secondSegmentStart ? min(1, configuration.tokenTypeCount - 1) : 0
            // Hugging Face's order of addition: (word + type) + position.
            let typeRow = tokenTypes.pointer + type * C
            let positionRow = positions.pointer + (configuration.firstPosition + t) * C
            Vectors.add(typeRow, positionRow, to: row, count: C)
        }
        norm.apply(hidden, residual: nil, rows: sequence.ids.count, into: hidden)
    }
}
