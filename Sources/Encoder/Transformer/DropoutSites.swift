import Kernels

/// The dropout of one forward pass, at the places where Hugging Face's BERT has it: after the embeddings' layer norm, on
/// attention probabilities, after the attention's and the feed-forward's output product.
struct DropoutSites {
    enum Place: UInt32 {
        case attentionProbabilities, attentionOutput, output, embeddings
    }

    private let key: DropoutKey
    private let hidden: Float
    private let attention: Float

    /// Nil when nothing is ever dropped.
    init?(_ key: DropoutKey?, configuration: TransformerConfiguration) {
        guard let key else { return nil }
        self.key = key
        hidden = key.probability ?? configuration.hiddenDropout
        attention = key.probability ?? configuration.attentionDropout
        precondition((0..<1).contains(hidden) && (0..<1).contains(attention), "a dropout probability is not in 0 ..< 1")
        if hidden == 0 && attention == 0 { return nil }
    }

    private func site(layer: Int, _ place: Place) -> DropoutSite {
        DropoutSite(
            seed: key.seed, step: key.step, number: UInt32(layer + 1) * 4 + place.rawValue,
            probability: place == .attentionProbabilities ? attention : hidden)
    }

    /// Drops from rows firstRow … of a batch-wide [M, C] in place; forward and backward alike. Embeddings are layer −1.
    func apply(
        layer: Int, _ place: Place, _ x: UnsafeMutablePointer<Float>, firstRow: Int, rows: Int, columns: Int
    ) {
        guard hidden > 0 else { return }
        site(layer: layer, place).apply(x, firstRow: firstRow, rows: rows, columns: columns)
    }

    /// The attention site of a block; nil when probabilities are not dropped.
    func attentionSite(layer: Int) -> DropoutSite? {
        attention > 0 ? site(layer: layer, .attentionProbabilities) : nil
    }
}
