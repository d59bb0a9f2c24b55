import Kernels

/// The dropout of one forward pass, at the places where Hugging Face's model of the family has it.
struct DropoutSites {
    enum Place: UInt32 {
        case attentionProbabilities, attentionOutput
        /// After the feed-forward's output product.
        case output
        case embeddings
        /// Before the feed-forward's output product. No family drops at both places, so they share a number.
        static let activated = output
    }

    private let key: DropoutKey
    private let rates: TransformerConfiguration.Dropout

    /// Nil when nothing is ever dropped.
    init?(_ key: DropoutKey?, configuration: TransformerConfiguration) {
        guard let key else { return nil }
        self.key = key
        var rates = configuration.dropout
        if let probability = key.probability {
            rates = .init(
                embeddings: probability, attentionProbabilities: probability,
                attentionOutput: rates.attentionOutput.map { _ in probability },
                activated: rates.activated.map { _ in probability }, output: rates.output.map { _ in probability })
        }
        self.rates = rates
        precondition(
            (0..<1).contains(rates.highest) && rates.embeddings >= 0 && rates.attentionProbabilities >= 0,
            "a dropout probability is not in 0 ..< 1")
        if rates.highest == 0 { return nil }
    }

    private func rate(_ place: Place) -> Float {
        switch place {
        case .attentionProbabilities: rates.attentionProbabilities
        case .attentionOutput: rates.attentionOutput ?? 0
        case .output: rates.output ?? rates.activated ?? 0
        case .embeddings: rates.embeddings
        }
    }

    /// Whether the feed-forward drops before its output product, or after it.
    var dropsActivated: Bool { rates.activated != nil }

    private func site(layer: Int, _ place: Place) -> DropoutSite {
        DropoutSite(
            seed: key.seed, step: key.step, number: UInt32(layer + 1) * 4 + place.rawValue, probability: rate(place))
    }

    /// Drops from rows firstRow … of a batch-wide [M, columns] in place; forward and backward alike. Embeddings are
    /// layer −1.
    func apply(
        layer: Int, _ place: Place, _ x: UnsafeMutablePointer<Float>, firstRow: Int, rows: Int, columns: Int
    ) {
        guard rate(place) > 0 else { return }
        site(layer: layer, place).apply(x, firstRow: firstRow, rows: rows, columns: columns)
    }

    /// The attention site of a block; nil when probabilities are not dropped.
    func attentionSite(layer: Int) -> DropoutSite? {
        rates.attentionProbabilities > 0 ? site(layer: layer, .attentionProbabilities) : nil
    }
}

/// Which random numbers a forward pass uses: counter-based (Philox4x32-10), so that a resumed run draws the same ones.
package struct DropoutKey: Hashable, Sendable {
    package var seed: UInt64
    /// The optimiser's step, with the micro-batch's index in the low bits when gradients are accumulated.
    package var step: UInt64
    /// In place of the configuration's hidden and attention probabilities.
    package var probability: Float?

    package init(seed: UInt64, step: UInt64, probability: Float? = nil) {
        self.seed = seed
        self.step = step
        self.probability = probability
    }
}
