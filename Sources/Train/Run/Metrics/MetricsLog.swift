import Console
import Files

/// The numbers of a run as they come: `metrics.jsonl` and a TensorBoard event file.
final class MetricsLog {
    /// How far both files have come; part of the saved state.
    struct Position: Codable, Equatable {
        var metrics = 0
        var events = 0
    }

    static let metricsName = "metrics.jsonl"
    /// TensorBoard reads files whose name holds "tfevents".
    static let eventsFolder = "tensorboard"
    static let eventsName = "tensorboard/events.out.tfevents.0.polylex"

    private let terms: TrainingTerms
    private let metrics: AppendedFile
    private let events: AppendedFile

    /// - Parameters:
    ///   - position: where to go on; everything after it is cut off. A file that ends before it has lost rows, which is
    ///     no reason to lose the weights: it goes on after its last whole row.
    ///   - remark: takes a line for people.
    /// - Throws: `SystemFault`, `SpecializeError`.
    init(folder: String, terms: TrainingTerms, position: Position, remark: (String) -> Void) throws {
        self.terms = terms
        try FolderCreation.create("\(folder)/\(Self.eventsFolder)")
        metrics = try AppendedFile(path: "\(folder)/\(Self.metricsName)", keeping: position.metrics) { bytes in
            (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        }
        events = try AppendedFile(
            path: "\(folder)/\(Self.eventsName)", keeping: position.events, wholeRecords: EventRecord.wholeRecords)
        for (file, expected) in [(metrics, position.metrics), (events, position.events)] {
            guard let found = file.found else { continue }
            remark(
                "\(file.path): expected \(expected) bytes, found \(found): rows in between are lost, the weights are "
                    + "not; going on after the last whole row")
        }
        if events.length == 0 { try events.append(EventRecord.header(wallSeconds: wallSeconds())) }
    }

    var position: Position { Position(metrics: metrics.length, events: events.length) }

    /// What a training step gave.
    struct Step {
        var step: Int
        /// Epochs done, with the fraction of the one under way.
        var epoch: Double
        var loss: Double
        var learningRate: Double
        var examplesPerSecond: Double
        /// `BatchOutcome.cosine`
        var cosine: Double
        var gradientNorm: Double
    }

    func add(_ step: Step) throws {
        let rate = "\(terms.examples)_per_second"
        try write([
            "step": .integer(step.step), "epoch": .number(step.epoch), "loss": .number(step.loss),
            "learning_rate": .number(step.learningRate), rate: .number(step.examplesPerSecond),
            terms.cosine: .number(step.cosine), "gradient_norm": .number(step.gradientNorm),
        ])
        var values = [
            ("train/loss", step.loss), ("train/learning_rate", step.learningRate),
            ("train/\(rate)", step.examplesPerSecond), ("train/gradient_norm", step.gradientNorm),
        ]
        if step.cosine.isFinite { values.append(("train/\(terms.cosine)", step.cosine)) }
        try events.append(
            EventRecord.scalars(values.map { (tag: $0, value: $1) }, step: step.step, wallSeconds: wallSeconds()))
    }

    /// One row per validation pair.
    func add(_ validation: ValidationScores, step: Int, epoch: Double) throws {
        var values: [(tag: String, value: Double)] = []
        for score in validation.pairs {
            try write([
                "step": .integer(step), "epoch": .number(epoch), "pair": .text(score.pair), "mrr": .number(score.mrr),
                "gain": .number(score.gain), "queries": .integer(score.queries),
            ])
            values.append(("validation/\(score.pair)/mrr", score.mrr))
            values.append(("validation/\(score.pair)/gain", score.gain))
        }
        values.append(("validation/gain", validation.meanGain))
        try events.append(EventRecord.scalars(values, step: step, wallSeconds: wallSeconds()))
    }

    func flush() throws {
        try metrics.flush()
        try events.flush()
    }

    private func write(_ row: JSONValue) throws { try metrics.append(Array((row.line + "\n").utf8)) }
}
