import Console
import Files

extension ModelCard {
    /// The section on what can change a run's result.
    static func settings(_ members: [(name: String, value: JSONValue)]) -> String {
        "## Settings\n\n"
            + table(["setting", "value"], members.map { [$0.name, $0.value.string ?? $0.value.line] })
    }

    /// The section on a run's validation.
    static func scores(_ moment: TrainingMoment) -> String {
        let title = "## Scores\n\n"
        guard let scores = moment.scores else { return title + "It was not validated.\n" }
        let base = Dictionary((moment.vanilla?.pairs ?? []).map { ($0.pair, $0.mrr) }) { first, _ in first }
        let rows = scores.pairs.map { pair in
            [
                pair.pair, Quantity.grouped(pair.queries), base[pair.pair].map { Quantity.fixed($0, places: 4) } ?? "",
                Quantity.fixed(pair.mrr, places: 4), TrainingRun.percent(pair.gain),
            ]
        }
        return title
            + "Bilingual lexicon induction on the validation dictionaries, mean reciprocal rank (MRR); they chose this "
            + "checkpoint, so a test set would give less.\n\n"
            + table(["pair", "queries", "MRR of the base", "MRR", "gain"], rows)
    }
}
