import Evaluation
import Store

/// Among which words hubs are counted, and how.
package struct HubnessScope: Hashable, Sendable {
    /// Words of either vocabulary that take part unless said otherwise: some seconds a layer.
    package static let words = 20_000

    /// Neighbours of a source word.
    package var k: Int
    /// The most frequent words of either vocabulary.
    package var words: Int
    /// CSLS instead of the cosine.
    package var isScaled: Bool

    package init(k: Int = Hubness.neighbours, words: Int = HubnessScope.words, isScaled: Bool = false) {
        (self.k, self.words, self.isScaled) = (k, words, isScaled)
    }

    /// Skewness and shares depend on how many neighbours are counted among how many words: results of others are
    /// another data set's, "words (k 10, top 20000)".
    package var dataset: String { "words (k \(k), top \(words)\(isScaled ? ", csls" : ""))" }

    var policy: ResultKey.Policy {
        guard isScaled else { return .hubs }
        return .init(
            text: ResultKey.Policy.hubs.text
                + "; csls: cosine - r(y) / 2, r(y) the mean cosine with the 10 nearest of these source words")
    }

    /// Names the counts of a pair of vocabularies at a layer.
    /// - Parameter views: the source's and the target's.
    func key(
        _ checkpoint: String, _ source: CollectionRecord, _ target: CollectionRecord, views: [LayerView]
    ) -> ResultKey {
        ResultKey(
            policy: policy, dataset: dataset, pair: "\(source.title)-\(target.title)", checkpoint: checkpoint,
            layer: views[1].number, mean: views[1].mean,
            inputs: views[0].fingerprints + views[1].fingerprints + [source.list, target.list])
    }
}

/// At which layers hubs are counted.
package enum HubnessLayers: Equatable, Sendable {
    /// Of each pair the one `translate` answers at.
    case best
    case chosen(LayerChoice)

    package init?(argument: String) {
        if argument == "best" {
            self = .best
        } else if let choice = LayerChoice(argument: argument) {
            self = .chosen(choice)
        } else {
            return nil
        }
    }
}
