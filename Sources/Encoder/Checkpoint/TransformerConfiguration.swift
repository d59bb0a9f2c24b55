import Kernels

/// A family of encoders and the sizes of one of them, as its `config.json` states them.
package struct TransformerConfiguration: Hashable, Sendable {
    package var architecture: ArchitectureDescription
    package var vocabularySize: Int
    /// C
    package var hiddenSize: Int
    /// L; hidden states are layers 0 … L.
    package var layerCount: Int
    /// H
    package var headCount: Int
    package var intermediateSize: Int
    package var positionCount: Int
    package var tokenTypeCount: Int
    package var layerNormEpsilon: Float
    package var paddingId: Int32
    package var activation: Activation
    package var hiddenDropout: Float
    package var attentionDropout: Float

    package init(
        architecture: ArchitectureDescription, vocabularySize: Int, hiddenSize: Int, layerCount: Int, headCount: Int,
        intermediateSize: Int, positionCount: Int, tokenTypeCount: Int, layerNormEpsilon: Float, paddingId: Int32,
        activation: Activation = .gelu, hiddenDropout: Float, attentionDropout: Float
    ) {
        self.architecture = architecture
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.layerCount = layerCount
        self.headCount = headCount
        self.intermediateSize = intermediateSize
        self.positionCount = positionCount
        self.tokenTypeCount = tokenTypeCount
        self.layerNormEpsilon = layerNormEpsilon
        self.paddingId = paddingId
        self.activation = activation
        self.hiddenDropout = hiddenDropout
        self.attentionDropout = attentionDropout
    }

    /// Row of the first token in the table of positions: 0 for BERT, padding id + 1 for RoBERTa and XLM-R.
    package var firstPosition: Int {
        switch architecture.positions {
        case .absolute(let afterPadding): afterPadding ? Int(paddingId) + 1 : 0
        }
    }

    /// Longest sequence, special tokens included, the position table allows.
    package var maximumLength: Int { positionCount - firstPosition }

    /// The first of config.json's keys in which two configurations differ; dropout does not count, it is a training's choice.
    func difference(from other: TransformerConfiguration) -> (key: String, own: String, other: String)? {
        let rows: [(key: String, own: String, other: String)] = [
            ("model_type", architecture.name, other.architecture.name),
            ("vocab_size", "\(vocabularySize)", "\(other.vocabularySize)"),
            ("hidden_size", "\(hiddenSize)", "\(other.hiddenSize)"),
            ("num_hidden_layers", "\(layerCount)", "\(other.layerCount)"),
            ("num_attention_heads", "\(headCount)", "\(other.headCount)"),
            ("intermediate_size", "\(intermediateSize)", "\(other.intermediateSize)"),
            ("max_position_embeddings", "\(positionCount)", "\(other.positionCount)"),
            ("type_vocab_size", "\(tokenTypeCount)", "\(other.tokenTypeCount)"),
            ("layer_norm_eps", "\(layerNormEpsilon)", "\(other.layerNormEpsilon)"),
            ("pad_token_id", "\(paddingId)", "\(other.paddingId)"),
        ]
        return rows.first { $0.own != $0.other }
    }
}
