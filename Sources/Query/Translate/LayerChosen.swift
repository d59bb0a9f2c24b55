import Console
import Store

/// The layer a question is answered at, and why.
struct LayerChosen {
    let layer: Int
    /// For people: "asked for", "best MRR over 28 pairs of glavas".
    let reason: String

    /// `best` is, among the layers stored for the target: the one with the highest stored score of the first of these that
    /// has any: BLI of this very language pair, BLI into the target language, all BLI, XLSIM, Tatoeba; else the last
    /// layer. Results of other weights under the same name are not counted.
    static func choose(
        _ request: LayerRequest, checkpoint: StoredCheckpoint, target: CollectionRecord, sourceLanguage: String?
    ) throws -> LayerChosen {
        let stored = try checkpoint.layers(of: target).map(\.layer)
        if case .number(let number) = request {
            // Throws with the list of stored layers when it is none of them.
            return LayerChosen(layer: try checkpoint.layer(number, of: target).layer, reason: "as asked")
        }
        guard let last = stored.last else {
            throw QueryError.noSuchLayer(checkpoint: checkpoint.name, what: target.collection, layers: [], known: [])
        }
        let results = checkpoint.results.current
            .filter { $0.checkpoint == checkpoint.name && $0.mean == nil && stored.contains($0.layer) }
        let language = target.wordLanguage ?? target.collection
        let bli = results.filter { $0.task == "bli" }
        let candidates: [(records: [ResultRecord], schema: ResultSchema, name: String)] = [
            (bli.filter { $0.pair == "\(sourceLanguage ?? "")-\(language)" }, .bli, "MRR"),
            (bli.filter { $0.pair.hasSuffix("-\(language)") }, .bli, "MRR"),
            (bli, .bli, "MRR"),
            (results.filter { $0.task == "xlsim" }, .xlsim, "ρ"),
            (results.filter { $0.task == "tatoeba" }, .tatoeba, "accuracy"),
        ]
        for candidate in candidates {
            // The data set with the most pairs speaks; the first by name among equals.
            let means = LayerMeans.of(candidate.records, schema: candidate.schema)
            var chosen: (dataset: String, layer: LayerMeans.Layer)?
            for mean in means {
                if let best = mean.best, best.pairs > (chosen?.layer.pairs ?? 0) { chosen = (mean.dataset, best) }
            }
            guard let chosen, let score = chosen.layer.means[candidate.schema.headline] else { continue }
            let scope = chosen.layer.pairs == 1
                ? candidate.records.first { $0.dataset == chosen.dataset }.map(\.pair) ?? "1 pair"
                : "\(chosen.layer.pairs) pairs"
            return LayerChosen(
                layer: chosen.layer.layer,
                reason: "best \(candidate.name) (\(Quantity.fixed(score, places: 4))) on \(scope) of \(chosen.dataset)")
        }
        return LayerChosen(layer: last, reason: "the last; no evaluation of this checkpoint is stored")
    }
}
