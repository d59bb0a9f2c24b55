/// What tells one family of encoders from another: everything about a transformer but its sizes.
///
/// A family is one value of this type; no layer asks which family it is in.
package struct ArchitectureDescription: Hashable, Sendable {
    /// Where a block's layer norms stand.
    package enum NormPlacement: Hashable, Sendable {
        /// LayerNorm(x + f(x))
        case afterResidual
        /// x + f(LayerNorm(x)), and one more norm after the last block. The first block's attention reads the
        /// embeddings, which are normalised already.
        case beforeLayer
    }

    /// How a token's place in the sequence enters.
    package enum PositionScheme: Hashable, Sendable {
        /// A row of a table is added to each embedding: row t of token t, or with `afterPadding` the row t after the
        /// padding id's.
        case absolute(afterPadding: Bool)
        /// Queries and keys are turned.
        case rotary
    }

    /// What a feed-forward does to its wide states.
    package enum FeedForwardKind: Hashable, Sendable {
        /// activation(a)
        case plain
        /// activation(a) · b for the two halves of [a; b]
        case gated
    }

    /// The places that drop values in training, and config.json's key of each place's probability.
    struct DropoutKeys: Hashable, Sendable {
        let embeddings: String
        let attentionProbabilities: String
        /// After the attention's output product.
        let attentionOutput: String?
        /// Before the feed-forward's output product.
        let activated: String?
        /// After it.
        let output: String?
        /// Where the key is missing.
        let absent: Float
    }

    /// `model_type` of config.json; also the name stores know the family by.
    package let name: String
    /// The bare encoder's class in `transformers`, and the class of `adapters` that holds it with adapters.
    let modelClass, adapterModelClass: String
    /// Before the names of the encoder's tensors in a checkpoint with heads.
    let prefix: String
    let names: ParameterNames
    let keys: ConfigurationKeys
    let norm: NormPlacement
    let positions: PositionScheme
    let feedForward: FeedForwardKind
    let dropout: DropoutKeys
    /// Whether the bare encoder's class in `transformers` has a pooler on top, which it then expects in the weights
    /// unless it is told `add_pooling_layer=False`.
    let hasPooler: Bool
    /// Whether `train specialize` can train it: a relative bias has no gradient here.
    var isTrainable: Bool { names.relativeBias == nil }

    static let bert = bertLike(
        "bert", "Bert", prefix: "bert.", names: .bert, keys: .bert, positions: .absolute(afterPadding: false))
    static let roberta = robertaLike("roberta", "Roberta")
    static let xlmRoberta = robertaLike("xlm-roberta", "XLMRoberta")
    static let camembert = robertaLike("camembert", "Camembert")
    static let distilbert = bertLike(
        "distilbert", "DistilBert", prefix: "distilbert.", names: .distilbert, keys: .distilbert,
        positions: .absolute(afterPadding: false),
        dropout: DropoutKeys(
            embeddings: "dropout", attentionProbabilities: "attention_dropout", attentionOutput: nil, activated: nil,
            output: "dropout", absent: 0.1),
        hasPooler: false)
    static let mpnet = bertLike(
        "mpnet", "MPNet", prefix: "mpnet.", names: .mpnet, keys: .mpnet, positions: .absolute(afterPadding: true))
    static let modernbert = ArchitectureDescription(
        name: "modernbert", modelClass: "ModernBertModel", adapterModelClass: "ModernBertAdapterModel",
        prefix: "model.",
        names: .modernbert, keys: .modernbert, norm: .beforeLayer, positions: .rotary, feedForward: .gated,
        dropout: DropoutKeys(
            embeddings: "embedding_dropout", attentionProbabilities: "attention_dropout",
            attentionOutput: "attention_dropout", activated: "mlp_dropout", output: nil, absent: 0),
        hasPooler: false)

    static let all = [bert, roberta, xlmRoberta, camembert, distilbert, mpnet, modernbert]

    /// The family of a `model_type`.
    static func named(_ name: String) -> ArchitectureDescription? { all.first { $0.name == name } }

    /// Post-norm blocks, a table of positions.
    private static func bertLike(
        _ name: String, _ classes: String, prefix: String, names: ParameterNames, keys: ConfigurationKeys,
        positions: PositionScheme,
        dropout: DropoutKeys = DropoutKeys(
            embeddings: "hidden_dropout_prob", attentionProbabilities: "attention_probs_dropout_prob",
            attentionOutput: "hidden_dropout_prob", activated: nil, output: "hidden_dropout_prob", absent: 0.1),
        hasPooler: Bool = true
    ) -> ArchitectureDescription {
        ArchitectureDescription(
            name: name, modelClass: classes + "Model", adapterModelClass: classes + "AdapterModel", prefix: prefix,
            names: names, keys: keys, norm: .afterResidual, positions: positions, feedForward: .plain, dropout: dropout,
            hasPooler: hasPooler)
    }

    private static func robertaLike(_ name: String, _ classes: String) -> ArchitectureDescription {
        bertLike(
            name, classes, prefix: "roberta.", names: .bert, keys: .roberta, positions: .absolute(afterPadding: true))
    }
}

/// What a family calls its sizes in config.json, and what it means when a key is missing.
struct ConfigurationKeys: Hashable, Sendable {
    var hiddenSize = "hidden_size"
    var layerCount = "num_hidden_layers"
    var headCount = "num_attention_heads"
    var intermediateSize = "intermediate_size"
    var activation = "hidden_act"
    /// Nil where it is not to be chosen.
    var layerNormEpsilon: String? = "layer_norm_eps"
    /// Nil for a family without token types.
    var tokenTypes: String? = "type_vocab_size"

    // What a missing key means.
    var absentTokenTypes = 0
    var absentEpsilon: Float = 1e-12
    var absentPadding: Int32 = 0

    static let bert = ConfigurationKeys(absentTokenTypes: 2)
    static let roberta = ConfigurationKeys(absentTokenTypes: 1, absentEpsilon: 1e-5, absentPadding: 1)
    static let distilbert = ConfigurationKeys(
        hiddenSize: "dim", layerCount: "n_layers", headCount: "n_heads", intermediateSize: "hidden_dim",
        activation: "activation", layerNormEpsilon: nil, tokenTypes: nil)
    static let mpnet = ConfigurationKeys(tokenTypes: nil, absentPadding: 1)
    static let modernbert = ConfigurationKeys(
        activation: "hidden_activation", layerNormEpsilon: "norm_eps", tokenTypes: nil, absentEpsilon: 1e-5,
        absentPadding: 50283)
}
