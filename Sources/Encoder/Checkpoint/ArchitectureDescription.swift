/// What tells one family of encoders from another: everything about a transformer but its sizes.
///
/// A family is one value of this type; no layer asks which family it is in.
package struct ArchitectureDescription: Hashable, Sendable {
    /// Where a block's layer norms stand.
    package enum NormPlacement: Hashable, Sendable {
        /// LayerNorm(x + f(x))
        case afterResidual
    }

    /// How a token's place in the sequence enters.
    package enum PositionScheme: Hashable, Sendable {
        /// A row of a table is added to each embedding, from row `first` on; `afterPadding` rows follow the padding id's.
        case absolute(afterPadding: Bool)
    }

    /// Which tokens a token attends to.
    package enum AttentionPattern: Hashable, Sendable {
        case all
    }

    /// `model_type` of config.json; also the name stores know the family by.
    package let name: String
    /// The bare encoder's class in `transformers`, and the class of `adapters` that holds it with adapters.
    let modelClass, adapterModelClass: String
    /// Before the names of the encoder's tensors in a checkpoint with heads.
    let prefix: String
    let names: ParameterNames
    let norm: NormPlacement
    let positions: PositionScheme
    let attention: AttentionPattern
    /// Whether linear layers and layer norms have a bias.
    let hasBiases: Bool

    /// What config.json means when it leaves a key out.
    struct Defaults: Hashable, Sendable {
        let tokenTypes: Int
        let layerNormEpsilon: Float
        let paddingId: Int
    }
    let defaults: Defaults

    static let bert = ArchitectureDescription(
        name: "bert", modelClass: "BertModel", adapterModelClass: "BertAdapterModel", prefix: "bert.", names: .bert,
        norm: .afterResidual, positions: .absolute(afterPadding: false), attention: .all, hasBiases: true,
        defaults: Defaults(tokenTypes: 2, layerNormEpsilon: 1e-12, paddingId: 0))
    static let roberta = robertaLike("roberta", "Roberta")
    static let xlmRoberta = robertaLike("xlm-roberta", "XLMRoberta")

    /// BERT with positions counted from behind the padding id.
    private static func robertaLike(_ name: String, _ classes: String) -> ArchitectureDescription {
        ArchitectureDescription(
            name: name, modelClass: classes + "Model", adapterModelClass: classes + "AdapterModel", prefix: "roberta.",
            names: .bert, norm: .afterResidual, positions: .absolute(afterPadding: true), attention: .all, hasBiases: true,
            defaults: Defaults(tokenTypes: 1, layerNormEpsilon: 1e-5, paddingId: 1))
    }

    static let all = [bert, roberta, xlmRoberta]

    /// The family of a `model_type`.
    static func named(_ name: String) -> ArchitectureDescription? { all.first { $0.name == name } }
}
