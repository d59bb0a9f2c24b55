/// What a sentence's nearest neighbour is told by.
package enum RetrievalScoring: String, Hashable, Sendable, CaseIterable {
    case cosine
    /// `MarginScoring`
    case margin
}

/// Sentence retrieval: the share of sentences whose nearest neighbour in the other language is their translation.
package struct RetrievalAccuracy: Hashable, Sendable {
    /// For each query row, where its translation stands among the candidates; nil where there is no translation.
    package let forward: [GoldRank?]
    /// For each query row, where it stands among all queries when its translation asks.
    package let reverse: [GoldRank?]

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
        let pairs = gold.enumerated().compactMap { query, candidate in candidate.map { (query: query, candidate: $0) } }
        let there = pairs.map { RankCounter.Request(query: $0.query, gold: $0.candidate) }
        let back = pairs.map { RankCounter.Request(query: $0.candidate, gold: $0.query) }
        var found: (there: [GoldRank], back: [GoldRank])
        switch scoring {
        case _ where pairs.isEmpty:
            found = ([], [])
        case .cosine:
            found.there = try RankCounter.ranks(
                queries: queries, requests: there, candidates: candidates, threads: threads)
            found.back = try RankCounter.ranks(
                queries: candidates, requests: back, candidates: queries, threads: threads)
        case .margin:
            func means(_ rows: VectorMatrix, _ others: VectorMatrix) throws -> [Float] {
                try NearestRows.neighbourhoodMeans(
                    MarginScoring.neighbours, queries: rows, candidates: others, threads: threads)
            }
            let own = try means(queries, candidates), other = try means(candidates, queries)
            found.there = try MarginScoring.ranks(
                queries: queries, requests: there, candidates: candidates, queryMeans: own, candidateMeans: other,
                threads: threads)
            found.back = try MarginScoring.ranks(
                queries: candidates, requests: back, candidates: queries, queryMeans: other, candidateMeans: own,
                threads: threads)
        }
        let none = [GoldRank?](repeating: nil, count: gold.count)
        var (forward, reverse) = (none, none)
        for (index, pair) in pairs.enumerated() {
            (forward[pair.query], reverse[pair.query]) = (found.there[index], found.back[index])
        }
        (self.forward, self.reverse) = (forward, reverse)
    }

    /// Sentences that have a vector on both sides.
    package var sentences: Int { forward.count { $0 != nil } }
    package var correctForward: Int { forward.count { $0?.rank == 1 } }
    package var correctReverse: Int { reverse.count { $0?.rank == 1 } }
    package var accuracy: Double { sentences == 0 ? 0 : Double(correctForward) / Double(sentences) }
    package var accuracyReverse: Double { sentences == 0 ? 0 : Double(correctReverse) / Double(sentences) }
}
