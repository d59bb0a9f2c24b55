import Console
import Encoder
import Files
import Kernels

/// What a distillation was asked for, beside what every training is asked.
///
/// What can change a run's result has a name and a value in `members`; a resumed run must have the same.
struct DistillSettings: Sendable {
    let training: TrainingSettings
    let objective: DistillationObjective
    let centers: Bool
    let sampling: SamplingMethod
    let alpha: Double

    /// Names as on the command line, in a fixed order.
    var members: [(name: String, value: JSONValue)] {
        [("loss", .text(objective.rawValue)), ("center", .boolean(centers))] + training.stepMembers
            + [("sampling", .text(sampling.rawValue)), ("alpha", .number(alpha))] + training.furtherMembers
    }
}

/// What a distillation reads, read once.
struct DistillInputs {
    let checkpoint: Checkpoint
    let specialTokens: SpecialTokens
    let texts: TeacherTexts
    let validation: Validation?

    /// - Throws: whatever is wrong with a file; `ConsoleError.stopped`.
    init(_ settings: DistillSettings, checkpoint: Checkpoint, vectors: TeacherVectors) throws {
        self.checkpoint = checkpoint
        let tokenizer = try checkpoint.tokenizer(), training = settings.training
        specialTokens = tokenizer.specialTokens
        validation = try Validation.of(
            ValidationDictionary.all(training), training, tokenizer: tokenizer,
            checkForStop: StopRequest.checkBeforeWriting)
        texts = try TeacherTexts(
            vectors, tokenizer: tokenizer, student: training.model, maximumLength: training.maximumLength,
            pieceDropout: training.pieceDropout, checkForStop: StopRequest.checkBeforeWriting)
    }
}

/// Learning from a teacher: a text's vector shall be the one that the teacher gave it.
final class DistillTask: TrainingTask {
    let distillation: DistillSettings
    let inputs: DistillInputs
    let terms = TrainingTerms(title: "distill", examples: "texts", cosine: "teacher_cosine")
    private let student: ModelCard.Base
    private let teacher: ModelCard.Base
    private let sampler: ConstraintSampler
    private let targets = FloatBuffer()
    private let loss: DistillationLoss
    /// Of the last batch.
    private var examples: [Int] = []

    init(_ settings: DistillSettings, inputs: DistillInputs) {
        distillation = settings
        self.inputs = inputs
        student = ModelCard.Base(path: settings.training.model, checkpoint: inputs.checkpoint)
        teacher = ModelCard.Base(teacher: inputs.texts.vectors.teacher)
        loss = DistillationLoss(objective: settings.objective)
        sampler = ConstraintSampler(
            method: settings.sampling, pairNames: inputs.texts.collectionNames,
            pairOfConstraint: inputs.texts.collection, alpha: settings.alpha, seed: settings.training.seed)
    }

    var settings: TrainingSettings { distillation.training }
    var checkpoint: Checkpoint { inputs.checkpoint }
    var specialTokens: SpecialTokens { inputs.specialTokens }
    var validation: Validation? { inputs.validation }
    var exampleCount: Int { inputs.texts.count }
    var meanTokens: Double { inputs.texts.meanTokens }

    var counts: JSONValue.Member { JSONValue.Member(key: "texts", value: inputs.texts.counts.json) }

    var settingsRows: [TrainingState.Setting] {
        settingsRows(
            distillation.members, read: [("teacher's texts and vectors", .text(inputs.texts.fingerprint.hex))])
    }

    func batch(epoch: Int, _ range: Range<Int>) -> [TokenSequence] {
        examples = sampler.constraints(epoch: epoch, range)
        return inputs.texts.batch(
            examples, position: UInt64(epoch) * UInt64(exampleCount) + UInt64(range.lowerBound), seed: settings.seed)
    }

    func evaluate(
        vectors: UnsafePointer<Float>, dimension: Int, into gradients: UnsafeMutablePointer<Float>
    ) throws -> BatchOutcome {
        targets.reserve(examples.count * dimension)
        try inputs.texts.targets(examples, into: targets.pointer)
        return loss.evaluate(
            vectors: vectors, targets: targets.pointer, count: examples.count, dimension: dimension, into: gradients)
    }

    func record(_ moment: TrainingMoment) -> JSONValue {
        let texts = inputs.texts, vectors = texts.vectors
        return TrainingRecord.json(
            self, moment, settings: distillation.members,
            read: [
                JSONValue.Member(
                    key: "teacher",
                    value: [
                        "name": .text(vectors.teacher.name), "path": .text(vectors.teacher.source),
                        "fingerprint": .text(vectors.teacher.fingerprint.hex), "layer": .integer(vectors.layer),
                        "dimension": .integer(vectors.originalDimension),
                        "kept_share": vectors.keptShare.map { .number($0) } ?? .null,
                        "training": vectors.teacher.training.map { .text($0) } ?? .null,
                    ]),
                JSONValue.Member(
                    key: "texts",
                    value: [
                        "fingerprint": .text(texts.fingerprint.hex), "counts": texts.counts.json,
                        "collections": .array(
                            vectors.collections.map {
                                [
                                    "collection": .text($0.record.collection), "rows": .integer($0.record.rows),
                                    "source": .text($0.record.source),
                                ]
                            }),
                        "steps_per_epoch": .integer(moment.plan.stepsPerEpoch),
                    ]),
            ])
    }

    func card(_ moment: TrainingMoment) -> ModelCard {
        let texts = inputs.texts, vectors = texts.vectors
        let languages = vectors.collections.compactMap { $0.record.name?.language }
        return ModelCard(
            kind: .student, bases: [student, teacher], languages: Set(languages),
            sections: [
                """
                Trained by Polylex (`train distill`): a text's vector is near the one that a larger model, the \
                teacher, gives it. After \(Quantity.grouped(moment.step)) of \
                \(Quantity.counted(moment.plan.totalSteps, "step")); `training.json` beside this file has the same \
                for programs, with all digits.

                """,
                """
                ## Teacher

                \(ModelCard.cell(vectors.teacher.name)), fingerprint \(vectors.teacher.fingerprint.hex), layer \
                \(vectors.layer), \(vectors.originalDimension) values a vector\(reduction).

                ## Data

                \(Quantity.counted(texts.count, "text")): \
                \(vectors.collections.map { "\(Quantity.grouped($0.record.rows)) of "
                    + ModelCard.cell($0.record.collection) }.joined(separator: ", ")).

                """,
                ModelCard.settings(distillation.members), ModelCard.scores(moment),
            ])
    }

    private var reduction: String {
        inputs.texts.vectors.keptShare.map {
            ", reduced to \(inputs.texts.vectors.dimension) along their principal directions, which keep "
                + "\(Quantity.fixed($0 * 100, places: 1)) % of the squared length"
        } ?? ""
    }
}
