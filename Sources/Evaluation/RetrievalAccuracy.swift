/// What a sentence's nearest neighbour is told by.
package enum RetrievalScoring: String, Hashable, Sendable, CaseIterable {
    case cosine
    /// `MarginScoring`
    case margin
}

/// Sentence retrieval: the share of sentences whose nearest neighbour in the other language is their translation.
package struct RetrievalAccuracy: Hashable, Sendable {
    /// One sentence asking for its translation.
    private struct Answer: Hashable, Sendable {
        /// Of the translation.
        let rank: GoldRank
        /// The nearest row of the other side, and the translation's.
        let retrieved: Int
        let gold: Int
    }

    /// For each query row; nil for a sentence without a translation.
    private let there: [Answer?]
    /// The same when the translations ask.
    private let back: [Answer?]

    /// For each query row, where its translation stands among the candidates; nil where there is no translation.
    package var forward: [GoldRank?] { there.map { $0?.rank } }
    /// For each query row, where it stands among all queries when its translation asks.
    package var reverse: [GoldRank?] { back.map { $0?.rank } }

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
        var there = [Answer?](repeating: nil, count: gold.count), back = there
        if !pairs.isEmpty {
            var means: (own: [Float], other: [Float])?
            if scoring == .margin {
                func neighbourhoods(_ rows: VectorMatrix, _ others: VectorMatrix) throws -> [Float] {
                    try NearestRows.neighbourhoodMeans(
                        MarginScoring.neighbours, queries: rows, candidates: others, threads: threads)
                }
                means = (try neighbourhoods(queries, candidates), try neighbourhoods(candidates, queries))
            }
            let found = try Self.answers(
                pairs.map { .init(query: $0.query, gold: $0.candidate) }, queries, candidates, means: means, threads)
            let returned = try Self.answers(
                pairs.map { .init(query: $0.candidate, gold: $0.query) }, candidates, queries,
                means: means.map { ($0.other, $0.own) }, threads)
            for (index, pair) in pairs.enumerated() {
                (there[pair.query], back[pair.query]) = (found[index], returned[index])
            }
        }
        (self.there, self.back) = (there, back)
    }

    /// - Parameter means: of the askers' and of the others' neighbourhoods, for the margin; nil for the cosine.
    private static func answers(
        _ requests: [RankCounter.Request], _ queries: VectorMatrix, _ candidates: VectorMatrix,
        means: (own: [Float], other: [Float])?, _ threads: Int
    ) throws -> [Answer] {
        if let means {
            let found = try MarginScoring.find(
                queries: queries, requests: requests, candidates: candidates, queryMeans: means.own,
                candidateMeans: means.other, threads: threads)
            return zip(requests, found).map { Answer(rank: $1.rank, retrieved: $1.nearest, gold: $0.gold) }
        }
        let ranks = try RankCounter.ranks(
            queries: queries, requests: requests, candidates: candidates, threads: threads)
        let nearest = try NearestRows.nearest(queries: queries, candidates: candidates, threads: threads)
        return zip(requests, ranks).map { Answer(rank: $1, retrieved: nearest[$0.query], gold: $0.gold) }
    }

    /// Sentences that have a vector on both sides.
    package var sentences: Int { there.count { $0 != nil } }
    package var correctForward: Int { there.count { $0?.rank.rank == 1 } }
    package var correctReverse: Int { back.count { $0?.rank.rank == 1 } }
    package var accuracy: Double { sentences == 0 ? 0 : Double(correctForward) / Double(sentences) }
    package var accuracyReverse: Double { sentences == 0 ? 0 : Double(correctReverse) / Double(sentences) }

    /// Precision, recall and F1 of the queries that ask, and of the translations that ask.
    package var measures: RetrievalMeasures { Self.measures(of: there) }
    package var measuresReverse: RetrievalMeasures { Self.measures(of: back) }

    private static func measures(of answers: [Answer?]) -> RetrievalMeasures {
        let asked = answers.compactMap { $0 }
        return RetrievalMeasures(retrieved: asked.map(\.retrieved), gold: asked.map(\.gold))
    }
}

/// F1, precision and recall of sentence retrieval as MTEB reports them for bitext mining: the true candidate's row is a
/// query's class, the row that was retrieved the prediction, and classes are averaged by how often they are the truth.
/// - Source: mteb 2, `AbsTaskBitextMining._compute_metrics`, which calls
///   `sklearn.metrics.*_score(labels, predictions, zero_division=0, average="weighted")`.
package struct RetrievalMeasures: Hashable, Sendable {
    package let precision: Double
    /// Equal to the accuracy.
    package let recall: Double
    package let f1: Double

    /// - Parameters:
    ///   - retrieved: the candidate row found for every query.
    ///   - gold: its true row; several queries may share one.
    package init(retrieved: [Int], gold: [Int]) {
        precondition(retrieved.count == gold.count)
        var predicted: [Int: Int] = [:]
        var truths: [Int: Int] = [:]
        var correct: [Int: Int] = [:]
        for (found, truth) in zip(retrieved, gold) {
            predicted[found, default: 0] += 1
            truths[truth, default: 0] += 1
            if found == truth { correct[truth, default: 0] += 1 }
        }
        var (precision, recall, f1) = (0.0, 0.0, 0.0)
        // Ascending, so that sums have the same bits in every run.
        for truth in truths.keys.sorted() {
            let support = Double(truths[truth] ?? 0)
            let right = Double(correct[truth] ?? 0)
            guard right > 0 else { continue }
            let own = right / Double(predicted[truth] ?? 1)
            precision += own * support
            recall += right
            f1 += 2 * own * (right / support) / (own + right / support) * support
        }
        let count = Double(max(gold.count, 1))
        (self.precision, self.recall, self.f1) = (precision / count, recall / count, f1 / count)
    }
}
