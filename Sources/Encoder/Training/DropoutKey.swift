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
