import Console
import Files
import Kernels

/// `training.json`: how a checkpoint was made. The same run gives the same bytes, so no times stand in it.
enum TrainingRecord {
    static let fileName = "training.json"

    /// - Parameters:
    ///   - step: what the checkpoint was after; `kind`: "best" or "last".
    static func json(
        settings: SpecializeSettings, inputs: SpecializeInputs, plan: StepPlan, state: TrainingState, step: Int,
        kind: String, scores: ValidationScores?
    ) -> JSONValue {
        let constraints = inputs.constraints
        return [
            "format": 1,
            "checkpoint": [
                "kind": .text(kind), "step": .integer(step), "epoch": .number(plan.epochs(after: step)),
                "steps_planned": .integer(plan.totalSteps), "gain": scores.map { .number($0.meanGain) } ?? .null,
                "validation": scores.map(pairs) ?? .null,
            ],
            "vanilla": state.vanilla.map(pairs) ?? .null,
            "settings": .object(settings.members.map { JSONValue.Member(key: $0.name, value: $0.value) }),
            "model": [
                "path": .text(settings.model), "fingerprint": .text(inputs.checkpoint.fingerprint.hex),
            ],
            "constraints": [
                "path": .text(settings.constraints), "fingerprint": .text(constraints.fingerprint.hex),
                "rows": constraints.counts.json, "synsets": .integer(constraints.synsetCount),
                "language_pairs": .integer(constraints.pairNames.count),
                "steps_per_epoch": .integer(plan.stepsPerEpoch),
            ],
            "exclude": .array(settings.exclude.map { .text($0) }),
            "validation": inputs.validation.map { validation in
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
            } ?? .null,
            "versions": [
                "training_format": 1, "state_format": 1, "kernels": .text(Arithmetic.isFast ? "avx2" : "portable"),
            ],
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
