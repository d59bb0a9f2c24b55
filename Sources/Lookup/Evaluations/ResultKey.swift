import Fingerprinting
import Store

/// Names a result by everything its numbers come from: the same key, the same numbers.
package struct ResultKey {
    /// How scores are computed. A change in how a number comes about changes its policy's text, and so every key;
    /// results of another policy than today's are not shown. 1 → 2: what 1 kept may have been read from two states of a
    /// store, words of one and vectors of the other.
    package struct Policy: Sendable {
        package let text: String

        package static let bli = Policy(
            text: "bli 2: cosine of re-normalised stored rows; rows with both words stored, lower-cased as a fallback; "
                + "rank = 1 + greater + equal in smaller rows")
        package static let xlsim = Policy(
            text: "xlsim 3: Spearman of cosines, average ranks; stored words, others encoded; nan scores omitted")
        package static let tatoeba = Policy(
            text: "tatoeba 2: nearest by cosine of re-normalised stored rows, smallest row among equals")
        package static let hubs = Policy(
            text: "hubs 1: how often each target word is among the k nearest of a source word, by cosine of "
                + "re-normalised stored rows, smaller rows among equals; the most frequent words of both")
    }

    package let fingerprint: Fingerprint

    /// - Parameters:
    ///   - mean: of a mean of layers, its name.
    ///   - inputs: fingerprints of data, layer files and text lists, in a fixed order.
    package init(
        policy: Policy, dataset: String, pair: String, checkpoint: String, layer: Int, mean: String? = nil,
        inputs: [Fingerprint]
    ) {
        let builder = FingerprintBuilder()
        builder.combine("polylex result")
        builder.combine(policy.text)
        builder.combine(dataset)
        builder.combine(pair)
        // Two names may stand for the same weights, and a result bears one of them.
        builder.combine(checkpoint)
        builder.combine(layer)
        builder.combine(inputs.count)
        for input in inputs { builder.combine(input) }
        if let mean { builder.combine("mean of re-normalised layers \(mean)") }
        // Scores are computed too; the usual arithmetic is not spelled out.
        if Computation.here != .usual {
            builder.combine(Computation.here.arithmetic)
            builder.combine(Computation.here.precision)
        }
        fingerprint = builder.finish()
    }
}
