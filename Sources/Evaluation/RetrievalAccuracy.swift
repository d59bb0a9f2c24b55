/// What a sentence's nearest neighbour is told by.
package enum RetrievalScoring: String, Hashable, Sendable, CaseIterable {
    case cosine
    /// `MarginScoring`
    case margin
}

/// Sentence retrieval: the share of sentences whose nearest neighbour in the other language is their translation.
package struct RetrievalAccuracy: Hashable, Sendable {
    /// Sentences that have a vector on both sides.
    package let sentences: Int
    package let correctForward: Int
    package let correctReverse: Int

    /// Queries find candidates (forward), candidates find queries (reverse); the smallest row wins among equals.
    /// - Parameters:
    ///   - queries: [Q, C], candidates: [N, C].
    ///   - gold: the candidate row that translates each query row; nil for a sentence whose translation has no vector.
    ///     Every row of either side stays in its pool.
    ///   - scoring: what is highest for the nearest neighbour.
    /// - Throws: `EvaluationError.noSuchRow` when `gold` is not of these matrices, `.dimensionMismatch`.
    package init(
        queries: VectorMatrix, candidates: VectorMatrix, gold: [Int?], scoring: RetrievalScoring = .cosine, threads: Int
    ) throws {
        guard gold.count == queries.rowCount else {
            throw EvaluationError.noSuchRow(source: queries.name, row: gold.count - 1, count: queries.rowCount)
        }
        guard queries.rowCount > 0, candidates.rowCount > 0 else {
            (sentences, correctForward, correctReverse) = (0, 0, 0)
            return
        }
        let (forward, reverse) = try Self.nearest(queries, candidates, scoring, threads: threads)
        var (pairs, found, foundBack) = (0, 0, 0)
        for (query, candidate) in gold.enumerated() {
            guard let candidate else { continue }
            try RankCounter.checkRow(candidate, of: candidates)
            pairs += 1
            if forward[query] == candidate { found += 1 }
            if reverse[candidate] == query { foundBack += 1 }
        }
        (sentences, correctForward, correctReverse) = (pairs, found, foundBack)
    }

    private static func nearest(
        _ queries: VectorMatrix, _ candidates: VectorMatrix, _ scoring: RetrievalScoring, threads: Int
    ) throws -> (forward: [Int], reverse: [Int]) {
        guard scoring == .margin else {
            return (
                try NearestRows.nearest(queries: queries, candidates: candidates, threads: threads),
                try NearestRows.nearest(queries: candidates, candidates: queries, threads: threads)
            )
        }
        func means(_ rows: VectorMatrix, _ others: VectorMatrix) throws -> [Float] {
            try NearestRows.neighbourhoodMeans(MarginScoring.neighbours, queries: rows, candidates: others, threads: threads)
        }
        let own = try means(queries, candidates), other = try means(candidates, queries)
        return (
            try MarginScoring.nearest(
                queries: queries, candidates: candidates, queryMeans: own, candidateMeans: other, threads: threads),
            try MarginScoring.nearest(
                queries: candidates, candidates: queries, queryMeans: other, candidateMeans: own, threads: threads)
        )
    }

    package var accuracy: Double { sentences == 0 ? 0 : Double(correctForward) / Double(sentences) }
    package var accuracyReverse: Double { sentences == 0 ? 0 : Double(correctReverse) / Double(sentences) }
}
