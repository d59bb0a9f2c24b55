import Evaluation
import Store

/// Scores of a checkpoint on a data set at layers that were chosen without the queries scored.
package struct SelectedScores: Sendable {
    package struct Pair: Sendable {
        package let name: String
        /// One, or two where the halves of the queries chose different ones.
        package let layers: [String]
        /// nil where no score exists (ρ of a constant list).
        package let score: Double?
    }

    package let basis: SelectionBasis
    package let checkpoint: String
    package let dataset: String
    /// By name.
    package let pairs: [Pair]

    /// Over the pairs that have a score.
    package var mean: Double? {
        let known = pairs.compactMap(\.score)
        return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }

    /// Every layer that scores a pair, in the order the pairs first name them.
    package var layers: [String] {
        pairs.flatMap(\.layers).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Why there is no such choice, one sentence for a person.
    package struct Impossible: Error, Equatable {
        package let reason: String
    }

    private init(_ basis: SelectionBasis, _ means: LayerMeans, pairs: [Pair]) {
        self.basis = basis
        (checkpoint, dataset) = (means.checkpoint, means.dataset)
        self.pairs = pairs
    }

    /// The layers to choose among with a checkpoint's results at them, pair by pair.
    private struct Choice {
        let layers: [LayerMeans.Layer]
        let pairs: [String]
        /// [layers][pairs]
        let records: [[ResultRecord]]

        init(_ means: LayerMeans, _ records: [ResultRecord]) throws(Impossible) {
            let own = records.filter { $0.checkpoint == means.checkpoint && $0.dataset == means.dataset }
            layers = means.candidates
            let found = layers.map { layer in own.filter(layer.holds).sorted { $0.pair < $1.pair } }
            pairs = found.first?.map(\.pair) ?? []
            if let odd = found.firstIndex(where: { [pairs] in $0.map(\.pair) != pairs }) {
                throw Impossible(
                    reason: "layers \(layers[0].name) and \(layers[odd].name) have results of different pairs")
            }
            self.records = found
        }
    }

    /// For each pair the layer that is best on the mean of all other pairs.
    /// - Parameter records: of the schema's task; those of other checkpoints and data sets are passed over.
    package static func onOtherPairs(
        _ means: LayerMeans, _ records: [ResultRecord], schema: ResultSchema
    ) throws(Impossible) -> SelectedScores {
        let choice = try Choice(means, records)
        guard choice.pairs.count > 1 else { throw Impossible(reason: "there is one pair only") }
        let scores = choice.records.map { $0.map { $0.values[schema.headline] } }
        let chosen = LayerSelection.onOtherPairs(scores)
        return SelectedScores(
            .otherPairs, means,
            pairs: choice.pairs.enumerated().map { pair, name in
                guard let layer = chosen[pair] else { return Pair(name: name, layers: [], score: nil) }
                return Pair(name: name, layers: [choice.layers[layer].name], score: scores[layer][pair])
            })
    }

    /// Two-fold over the queries. Of `tatoeba` a query counts 1 where its translation is the nearest.
    /// - Parameters:
    ///   - outcomes: what is known of each result's queries.
    ///   - halves: of the data of these outcomes; nil where its queries are not known.
    /// - Throws: `Impossible`; `EvaluationError.damagedOutcomes`, and what `outcomes` throws.
    package static func onHalves(
        _ means: LayerMeans, _ records: [ResultRecord], schema: ResultSchema,
        outcomes: (ResultRecord) throws -> ResultOutcomes?,
        halves: (ResultRecord, ResultOutcomes) throws -> QueryHalves?
    ) throws -> SelectedScores {
        guard schema.measures.contains(where: { $0.lists > 0 }) else {
            throw Impossible(reason: "\(schema.headline) is no mean over queries")
        }
        let choice = try Choice(means, records)
        let scores = try choice.records.map { layer in
            try layer.map { record -> LayerSelection.HalfScores in
                guard let known = try outcomes(record), let own = try halves(record, known),
                    let ranks = try known.ranks().first
                else { throw Impossible(reason: "the ranks of \(record.pair) were not kept") }
                var sums = LayerSelection.HalfScores()
                for (position, rank) in zip(ranks.positions, ranks.ranks) {
                    let score =
                        schema.task == ResultSchema.bli.task ? 1 / Double(rank.rank) : rank.rank == 1 ? 1 : 0
                    sums.add(score, half: own.half(at: position))
                }
                return sums
            }
        }
        guard let found = LayerSelection.onHalves(scores) else {
            throw Impossible(reason: "one half of the queries is empty")
        }
        // The first half is scored at the layer that was chosen on the second.
        let names = [found.chosen[1], found.chosen[0]].map { choice.layers[$0].name }
        return SelectedScores(
            .half, means,
            pairs: zip(choice.pairs, found.scores).map {
                Pair(name: $0, layers: names[0] == names[1] ? [names[0]] : names, score: $1)
            })
    }

    /// Every pair at the layer that is best on other data.
    /// - Parameter validation: the checkpoint's own means over the pairs that choose; nil when it has none.
    package static func onValidation(
        _ means: LayerMeans, _ records: [ResultRecord], schema: ResultSchema, validation: LayerMeans?
    ) throws(Impossible) -> SelectedScores {
        guard let best = validation?.best else {
            throw Impossible(reason: "none of the validation dictionaries could be scored")
        }
        let choice = try Choice(means, records)
        guard let place = choice.layers.firstIndex(where: { $0.name == best.name }) else {
            throw Impossible(reason: "layer \(best.name), which validation chose, has no results of all its pairs")
        }
        return SelectedScores(
            .validation, means,
            pairs: choice.records[place].map {
                Pair(name: $0.pair, layers: [best.name], score: $0.values[schema.headline])
            })
    }
}

/// On what layers of stored results can be chosen beside the pairs they are scored on.
package enum StoredSelection: String, CaseIterable, Sendable {
    /// For each pair, on the mean of all other pairs.
    case otherPairs = "other-pairs"
    /// On half of the queries, scored on the other half, and the other way round.
    case half
}

/// On what the layer was chosen that a score is reported at.
package enum SelectionBasis: String, CaseIterable, Sendable {
    /// The paper's way: on the very pairs the score is over.
    case scoredPairs = "scored-pairs"
    /// For each pair, on the mean of all other pairs.
    case otherPairs = "other-pairs"
    /// On half of the queries, scored on the other half, and the other way round.
    case half
    /// On dictionaries of their own.
    case validation
}
