import Console
import Encoder
import Files

extension ModelCard {
    /// Of a checkpoint of `train specialize`: base, data, settings and the scores of its validation.
    /// - Parameters:
    ///   - base: the checkpoint's base; made once, for its card is read from the disk.
    ///   - step: what the checkpoint was after.
    static func specialized(
        _ settings: SpecializeSettings, inputs: SpecializeInputs, base: Base, plan: StepPlan,
        vanilla: ValidationScores?,
        step: Int, scores: ValidationScores?
    ) -> ModelCard {
        let constraints = inputs.constraints
        let languages = constraints.pairNames.flatMap { $0.split(separator: "-", maxSplits: 1).map(String.init) }
        return ModelCard(
            kind: settings.method == .adapter ? .adapter(base: base.name) : .encoder, bases: [base],
            languages: Set(languages),
            sections: [
                """
                Trained by Polylex (`train specialize`): words that mean the same have similar vectors. After \
                \(Quantity.grouped(step)) of \(Quantity.counted(plan.totalSteps, "step")); `training.json` beside this \
                file has the same for programs, with all digits.

                """,
                """
                ## Base

                \(cell(base.name)), fingerprint \(inputs.checkpoint.fingerprint.hex) (weights, configuration, \
                tokenizer).

                ## Data

                \(cell(lastName(settings.constraints))), fingerprint \(constraints.fingerprint.hex): \
                \(Quantity.counted(constraints.count, "pair")) of words of \
                \(Quantity.counted(constraints.synsetCount, "meaning")) in \
                \(Quantity.counted(constraints.pairNames.count, "language pair")). \(excluded(settings))

                """,
                "## Settings\n\n"
                    + table(
                        ["setting", "value"], settings.members.map { [$0.name, $0.value.string ?? $0.value.line] }),
                "## Scores\n\n" + Self.scores(scores, vanilla: vanilla),
            ])
    }

    private static func excluded(_ settings: SpecializeSettings) -> String {
        let sets = settings.exclude + settings.validation
        guard !sets.isEmpty else { return "No test set was kept out of it." }
        return "Words of these sets were left out: " + sets.map { cell(lastName($0)) }.joined(separator: ", ") + "."
    }

    private static func scores(_ scores: ValidationScores?, vanilla: ValidationScores?) -> String {
        guard let scores else { return "It was not validated.\n" }
        let base = Dictionary((vanilla?.pairs ?? []).map { ($0.pair, $0.mrr) }) { first, _ in first }
        let rows = scores.pairs.map { pair in
            [
                pair.pair, Quantity.grouped(pair.queries), base[pair.pair].map { Quantity.fixed($0, places: 4) } ?? "",
                Quantity.fixed(pair.mrr, places: 4), SpecializeRun.percent(pair.gain),
            ]
        }
        return
            "Bilingual lexicon induction on the validation dictionaries, mean reciprocal rank (MRR); they chose this "
            + "checkpoint, so a test set would give less.\n\n"
            + table(["pair", "queries", "MRR of the base", "MRR", "gain"], rows)
    }
}
