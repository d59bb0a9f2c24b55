import Store

/// At which layer checkpoints are compared.
package enum ComparedLayer: Equatable, Sendable {
    /// Each checkpoint's best one over the pairs compared.
    case best
    /// The layer, or mean of layers, of this name: "8", "0-8:mean".
    case named(String)

    /// - Parameter argument: "best", a number, or the mean of layers as evaluations name it ("0-8:mean").
    package init?(argument: String) {
        if argument == "best" {
            self = .best
            return
        }
        switch LayerChoice(argument: argument) {
        case .some(.some(let layers)) where layers.count == 1: self = .named("\(layers[0])")
        case .some(.mean(let layers)): self = .named(LayerChoice.name(ofMean: layers))
        default: return nil
        }
    }
}
