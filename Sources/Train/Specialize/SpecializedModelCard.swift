import Console
import Encoder
import Files

extension ModelCard {
    /// Of a checkpoint of `train specialize`: base, data, settings and the scores of its validation.
    /// - Parameters:
    ///   - base: the checkpoint's base; made once, for its card is read from the disk.
    static func specialized(
        _ settings: SpecializeSettings, inputs: SpecializeInputs, base: Base, _ moment: TrainingMoment
    ) -> ModelCard {
        let constraints = inputs.constraints
        let languages = constraints.pairNames.flatMap { $0.split(separator: "-", maxSplits: 1).map(String.init) }
        return ModelCard(
            kind: settings.method == .adapter ? .adapter(base: base.name) : .encoder, bases: [base],
            languages: Set(languages),
            sections: [
                """
                Trained by Polylex (`train specialize`): words that mean the same have similar vectors. After \
                \(Quantity.grouped(moment.step)) of \(Quantity.counted(moment.plan.totalSteps, "step")); \
                `training.json` beside this file has the same for programs, with all digits.

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
                Self.settings(settings.members), Self.scores(moment),
            ])
    }

    private static func excluded(_ settings: SpecializeSettings) -> String {
        let sets = settings.exclude + settings.options.training.validation
        guard !sets.isEmpty else { return "No test set was kept out of it." }
        return "Words of these sets were left out: " + sets.map { cell(lastName($0)) }.joined(separator: ", ") + "."
    }
}
