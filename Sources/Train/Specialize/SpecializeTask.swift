import Encoder
import Files
import Kernels

/// Learning from constraints: words of one synset belong together, words of the others in the batch do not.
final class SpecializeTask: TrainingTask {
    let specialization: SpecializeSettings
    let inputs: SpecializeInputs
    let terms = TrainingTerms(title: "specialize", examples: "pairs", cosine: "positive_cosine")
    private let base: ModelCard.Base
    private let sampler: ConstraintSampler
    private let loss: ContrastiveLoss
    /// Synsets of the last batch's sequences.
    private var labels: [UInt32] = []

    init(_ settings: SpecializeSettings, inputs: SpecializeInputs) {
        specialization = settings
        self.inputs = inputs
        base = ModelCard.Base(path: settings.model, checkpoint: inputs.checkpoint)
        sampler = inputs.constraints.sampler(settings)
        loss = ContrastiveLoss(objective: settings.loss, temperature: settings.temperature)
    }

    var settings: TrainingSettings { specialization.training }
    var checkpoint: Checkpoint { inputs.checkpoint }
    var specialTokens: SpecialTokens { inputs.specialTokens }
    var validation: Validation? { inputs.validation }
    var exampleCount: Int { inputs.constraints.count }
    var meanTokens: Double { inputs.constraints.meanTokens * 2 }

    var counts: JSONValue.Member {
        JSONValue.Member(key: "constraints", value: inputs.constraints.counts.json)
    }

    var settingsRows: [TrainingState.Setting] {
        settingsRows(
            specialization.members, read: [("constraints read", .text(inputs.constraints.fingerprint.hex))])
    }

    func batch(epoch: Int, _ range: Range<Int>) -> [TokenSequence] {
        let constraints = inputs.constraints
        let (sequences, labels) = constraints.batch(
            sampler.constraints(epoch: epoch, range),
            position: UInt64(epoch) * UInt64(constraints.count) + UInt64(range.lowerBound), seed: settings.seed)
        self.labels = labels
        return sequences
    }

    func evaluate(
        vectors: UnsafePointer<Float>, dimension: Int, into gradients: UnsafeMutablePointer<Float>
    ) -> BatchOutcome {
        let outcome = loss.evaluate(vectors: vectors, dimension: dimension, labels: labels, into: gradients)
        return BatchOutcome(
            loss: outcome.loss, comparisons: outcome.positivePairs, cosine: outcome.positiveCosine)
    }

    func record(_ moment: TrainingMoment) -> JSONValue {
        let constraints = inputs.constraints
        return TrainingRecord.json(
            self, moment, settings: specialization.members,
            read: [
                JSONValue.Member(
                    key: "constraints",
                    value: [
                        "path": .text(specialization.constraints), "fingerprint": .text(constraints.fingerprint.hex),
                        "rows": constraints.counts.json, "synsets": .integer(constraints.synsetCount),
                        "language_pairs": .integer(constraints.pairNames.count),
                        "steps_per_epoch": .integer(moment.plan.stepsPerEpoch),
                    ]),
                JSONValue.Member(
                    key: "exclude", value: .array(specialization.exclude.map { .text($0) })),
            ])
    }

    func card(_ moment: TrainingMoment) -> ModelCard {
        .specialized(specialization, inputs: inputs, base: base, moment)
    }
}
