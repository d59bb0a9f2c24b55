import Kernels

/// A family of encoders and the sizes of one of them, as its `config.json` states them.
package struct TransformerConfiguration: Hashable, Sendable {
    /// Which linear layers and layer norms have a bias.
    package struct Biases: Hashable, Sendable {
        var attention = true
        var feedForward = true
        var norms = true
    }

    /// Probabilities of the places that drop values in training; nil where the family has no such place.
    package struct Dropout: Hashable, Sendable {
        var embeddings: Float = 0
        var attentionProbabilities: Float = 0
        var attentionOutput: Float?
        var activated: Float?
        var output: Float?

        /// The highest of them.
        package var highest: Float {
            [attentionOutput, activated, output].compactMap { $0 }.reduce(max(embeddings, attentionProbabilities), max)
        }
    }

    /// What a block's attention looks at.
    package struct Reach: Hashable, Sendable {
        /// Tokens no further away than this; nil for all.
        var window: Int?
        /// θ of rotary positions; nil without.
        var rotaryBase: Double?
    }

    package var architecture: ArchitectureDescription
    package var vocabularySize: Int
    /// C
    package var hiddenSize: Int
    /// L; hidden states are layers 0 … L.
    package var layerCount: Int
    /// H
    package var headCount: Int
    /// I
    package var intermediateSize: Int
    package var positionCount: Int
    /// 0 for a family without.
    package var tokenTypeCount: Int
    package var layerNormEpsilon: Float
    /// Nil when no token is padding.
    package var paddingId: Int32?
    package var activation: Activation
    package var biases: Biases
    package var dropout: Dropout
    /// Of each block.
    package var reach: [Reach]
    /// Rows of the table of relative biases; 0 without.
    package var relativeBuckets: Int

    /// Row of the first token in the table of positions: 0 for BERT, padding id + 1 for RoBERTa and XLM-R.
    package var firstPosition: Int {
        switch architecture.positions {
        case .absolute(let afterPadding): afterPadding ? Int(paddingId ?? 0) + 1 : 0
        case .rotary: 0
        }
    }

    /// Longest sequence, special tokens included, the positions allow.
    package var maximumLength: Int { positionCount - firstPosition }

    /// Columns of the feed-forward's first product.
    var wideSize: Int { architecture.feedForward == .gated ? 2 * intermediateSize : intermediateSize }

    /// D
    package var headSize: Int { hiddenSize / headCount }

    /// The first of config.json's keys in which two configurations differ; dropout does not count, it is a training's
    /// choice.
    func difference(from other: TransformerConfiguration) -> (key: String, own: String, other: String)? {
        let keys = architecture.keys
        let rows: [(key: String, own: String, other: String)] = [
            ("model_type", architecture.name, other.architecture.name),
            ("vocab_size", "\(vocabularySize)", "\(other.vocabularySize)"),
            (keys.hiddenSize, "\(hiddenSize)", "\(other.hiddenSize)"),
            (keys.layerCount, "\(layerCount)", "\(other.layerCount)"),
            (keys.headCount, "\(headCount)", "\(other.headCount)"),
            (keys.intermediateSize, "\(intermediateSize)", "\(other.intermediateSize)"),
            ("max_position_embeddings", "\(positionCount)", "\(other.positionCount)"),
            (keys.tokenTypes ?? "type_vocab_size", "\(tokenTypeCount)", "\(other.tokenTypeCount)"),
            (keys.layerNormEpsilon ?? "layer_norm_eps", "\(layerNormEpsilon)", "\(other.layerNormEpsilon)"),
            ("pad_token_id", paddingId.map { "\($0)" } ?? "null", other.paddingId.map { "\($0)" } ?? "null"),
            (keys.activation, activation.rawValue, other.activation.rawValue),
            ("biases", "\(biases)", "\(other.biases)"),
            ("layer_types", "\(reach)", "\(other.reach)"),
        ]
        return rows.first { $0.own != $0.other }
    }
}
