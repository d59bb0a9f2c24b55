import Store

/// The layer a question is answered at, and why.
package struct TranslationLayer: Sendable {
    package enum Request: Equatable, Sendable {
        /// The best one known from stored evaluations, else the last.
        case best
        case number(Int)
    }

    package enum Reason: Sendable {
        case asked
        /// No evaluation of the checkpoint is stored.
        case last
        /// - Parameters:
        ///   - pair: the only pair there is a result of; nil when the mean is over `pairs` of them.
        case best(schema: ResultSchema, score: Double, pairs: Int, pair: String?, dataset: String)
    }

    package let number: Int
    package let reason: Reason

    /// `best` is, among the layers stored for the target: the one with the highest stored score of the first of these
    /// that has any: BLI of this very language pair, BLI into the target language, all BLI, XLSIM, Tatoeba; else the
    /// last layer. Results of other weights under the same name are not counted.
    /// - Throws: `StoreError.unknownLayer`, `LookupError.noSuchLayer` with the stored ones.
    init(
        _ request: Request, checkpoint: StoredCheckpoint, target: CollectionRecord, sourceLanguage: String?
    ) throws {
        if case .number(let number) = request {
            // Throws with the list of stored layers when it is none of them.
            (self.number, reason) = (try checkpoint.layer(number, of: target).layer, .asked)
            return
        }
        let stored = try checkpoint.layers(of: target).map(\.layer)
        guard let last = stored.last else {
            throw LookupError.noSuchLayer(checkpoint: checkpoint.name, what: target.collection, layers: [], known: [])
        }
        let results = checkpoint.results.current
            .filter { $0.checkpoint == checkpoint.name && $0.mean == nil && stored.contains($0.layer) }
        let language = target.title
        let bli = results.filter { $0.task == "bli" }
        let candidates: [(records: [ResultRecord], schema: ResultSchema)] = [
            (bli.filter { $0.pair == "\(sourceLanguage ?? "")-\(language)" }, .bli),
            (bli.filter { $0.pair.hasSuffix("-\(language)") }, .bli),
            (bli, .bli),
            (results.filter { $0.task == "xlsim" }, .xlsim),
            (results.filter { $0.task == "tatoeba" }, .tatoeba),
        ]
        for candidate in candidates {
            // The data set with the most pairs speaks; the first by name among equals.
            let means = LayerMeans.of(candidate.records, schema: candidate.schema)
            var chosen: (dataset: String, layer: LayerMeans.Layer)?
            for mean in means {
                if let best = mean.best, best.pairs > (chosen?.layer.pairs ?? 0) { chosen = (mean.dataset, best) }
            }
            guard let chosen, let score = chosen.layer.means[candidate.schema.headline] else { continue }
            number = chosen.layer.layer
            reason = .best(
                schema: candidate.schema, score: score, pairs: chosen.layer.pairs,
                pair: chosen.layer.pairs == 1 ? candidate.records.first { $0.dataset == chosen.dataset }?.pair : nil,
                dataset: chosen.dataset)
            return
        }
        (number, reason) = (last, .last)
    }
}
