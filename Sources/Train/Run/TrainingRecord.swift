import Console
import Files
import Kernels

/// `training.json`: how a checkpoint was made. The same run gives the same bytes, so no times stand in it.
enum TrainingRecord {
    static let fileName = "training.json"

    /// - Parameters:
    ///   - settings: what can change the result.
    ///   - read: what the task was trained on, in a fixed order.
    static func json(
        _ task: some TrainingTask, _ moment: TrainingMoment, settings: [(name: String, value: JSONValue)],
        read: [JSONValue.Member]
    ) -> JSONValue {
        let plan = moment.plan
        func member(_ key: String, _ value: JSONValue) -> JSONValue.Member { JSONValue.Member(key: key, value: value) }
        return .object(
            [
                member("format", 1),
                member(
                    "checkpoint",
                    [
                        "kind": .text(moment.kind), "step": .integer(moment.step),
                        "epoch": .number(plan.epochs(after: moment.step)), "steps_planned": .integer(plan.totalSteps),
                        "gain": moment.scores.map { .number($0.meanGain) } ?? .null,
                        "validation": moment.scores.map(pairs) ?? .null,
                    ]),
                member("vanilla", moment.vanilla.map(pairs) ?? .null),
                member("settings", .object(settings.map { member($0.name, $0.value) })),
                member(
                    "model",
                    [
                        "path": .text(task.settings.model), "fingerprint": .text(task.checkpoint.fingerprint.hex),
                    ]),
            ] + read + [
                member("validation", task.validation.map { validation($0, task.settings) } ?? .null),
                member(
                    "versions",
                    [
                        "training_format": 1, "state_format": 1,
                        "kernels": .text(Arithmetic.isFast ? "avx2" : "portable"),
                    ]),
            ])
    }

    private static func validation(_ validation: Validation, _ settings: TrainingSettings) -> JSONValue {
        [
            "fingerprint": .text(validation.fingerprint.hex),
            "dictionaries": .array(
                zip(validation.dictionaries, validation.rankedRows).map { entry, ranked in
                    [
                        "pair": .text(entry.pair), "path": .text(entry.dictionary.path),
                        "rows": .integer(entry.dictionary.count), "ranked": .integer(ranked),
                    ]
                }),
            "vocabularies": .text(settings.vocabularies ?? ""),
        ]
    }

    static func pairs(_ scores: ValidationScores) -> JSONValue {
        .array(
            scores.pairs.map {
                [
                    "pair": .text($0.pair), "mrr": .number($0.mrr), "gain": .number($0.gain),
                    "queries": .integer($0.queries),
                ]
            })
    }
}
