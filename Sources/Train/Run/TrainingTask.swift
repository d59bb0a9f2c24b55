import Encoder
import Files
import Kernels

/// What a run learns: its examples, the loss of their vectors, and what it says of itself.
///
/// Not for concurrent use: `evaluate` is about the batch that was asked for last.
protocol TrainingTask: AnyObject {
    var settings: TrainingSettings { get }
    var checkpoint: Checkpoint { get }
    var specialTokens: SpecialTokens { get }
    var validation: Validation? { get }
    /// How the examples and what they are told are called.
    var terms: TrainingTerms { get }
    /// Of an epoch.
    var exampleCount: Int { get }
    /// Tokens of an example, all its sequences together, specials included.
    var meanTokens: Double { get }
    /// What became of the rows or texts it read, under the name a report has for them.
    var counts: JSONValue.Member { get }
    /// What must be the same when a run goes on, paths aside.
    var settingsRows: [TrainingState.Setting] { get }

    /// The token sequences of the examples at positions `range` of an epoch; the same ones whenever it is asked.
    func batch(epoch: Int, _ range: Range<Int>) -> [TokenSequence]

    /// Loss and gradient of the last batch.
    /// - Parameters:
    ///   - vectors: [n, C], one for each of its sequences, not normalised.
    ///   - gradients: [n, C], filled with d loss / d vectors.
    func evaluate(
        vectors: UnsafePointer<Float>, dimension: Int, into gradients: UnsafeMutablePointer<Float>
    ) throws -> BatchOutcome

    /// `training.json` of a checkpoint.
    func record(_ moment: TrainingMoment) -> JSONValue
    /// `README.md` of a checkpoint.
    func card(_ moment: TrainingMoment) -> ModelCard
}

extension TrainingTask {
    /// - Parameter read: names and fingerprints of what the task has read, beside model and validation data.
    func settingsRows(
        _ members: [(name: String, value: JSONValue)], read: [(name: String, value: JSONValue)]
    ) -> [TrainingState.Setting] {
        let rows =
            members + [("model's contents", .text(checkpoint.fingerprint.hex))] + read
            + [("validation data", validation.map { .text($0.fingerprint.hex) } ?? .null)]
        return rows.map { TrainingState.Setting(name: $0.name, value: $0.value.line) }
    }
}

/// What one batch gave, besides its gradient.
struct BatchOutcome: Equatable {
    var loss = 0.0
    /// Pairs of vectors that should be near each other.
    var comparisons = 0
    /// Mean cosine of those pairs; NaN without one.
    var cosine = Double.nan
}

/// The words of a task in metrics and on the progress bar.
struct TrainingTerms: Sendable {
    /// "specialize"
    let title: String
    /// "pairs": what a batch is made of.
    let examples: String
    /// "positive_cosine": what `BatchOutcome.cosine` is.
    let cosine: String
}

/// A moment of a run at which a checkpoint is written.
struct TrainingMoment {
    let plan: StepPlan
    let vanilla: ValidationScores?
    /// What the checkpoint is after.
    let step: Int
    /// "best" or "last".
    let kind: String
    let scores: ValidationScores?
}
