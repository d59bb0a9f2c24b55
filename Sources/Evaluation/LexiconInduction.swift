/// Scores of bilingual lexicon induction over one dictionary: MRR, precision at k, coverage, ties.
///
/// Every dictionary row is a query of its own, repeated source words and exact repeats included: no credit for another
/// row's gold (the paper's and the reference's counting).
package struct LexiconInduction: Hashable, Sendable {
    /// Rows of the dictionary.
    package var rows = 0
    /// Rows whose two words are both in the vocabularies: those that are ranked.
    package var queries = 0
    package var sumOfReciprocalRanks = 0.0
    package var sumOfBestReciprocalRanks = 0.0
    package var sumOfWorstReciprocalRanks = 0.0
    package var within1 = 0
    package var within5 = 0
    package var within10 = 0
    /// Queries whose gold shares its score with at least one other candidate.
    package var ties = 0

    package init() {}

    /// - Parameter ranks: one per dictionary row, in row order; nil when a word of the row is in no vocabulary.
    package init(_ ranks: some Sequence<GoldRank?>) {
        for rank in ranks { add(rank) }
    }

    package mutating func add(_ rank: GoldRank?) {
        rows += 1
        guard let rank else { return }
        queries += 1
        sumOfReciprocalRanks += 1 / Double(rank.rank)
        sumOfBestReciprocalRanks += 1 / Double(rank.bestRank)
        sumOfWorstReciprocalRanks += 1 / Double(rank.worstRank)
        if rank.rank <= 1 { within1 += 1 }
        if rank.rank <= 5 { within5 += 1 }
        if rank.rank <= 10 { within10 += 1 }
        if rank.ties > 0 { ties += 1 }
    }

    /// Share of rows that are ranked.
    package var coverage: Double { share(Double(queries), of: rows) }
    /// Mean reciprocal rank over ranked rows, the paper's number.
    package var meanReciprocalRank: Double { share(sumOfReciprocalRanks, of: queries) }
    /// Mean reciprocal rank over all rows, 0 for those not ranked.
    package var meanReciprocalRankOfAll: Double { share(sumOfReciprocalRanks, of: rows) }
    /// The mean reciprocal rank if every tie were decided for the gold, and if every one against it.
    package var bestMeanReciprocalRank: Double { share(sumOfBestReciprocalRanks, of: queries) }
    package var worstMeanReciprocalRank: Double { share(sumOfWorstReciprocalRanks, of: queries) }
    /// Shares of ranked rows whose rank is at most 1, 5, 10.
    package var precisionAt1: Double { share(Double(within1), of: queries) }
    package var precisionAt5: Double { share(Double(within5), of: queries) }
    package var precisionAt10: Double { share(Double(within10), of: queries) }

    private func share(_ sum: Double, of count: Int) -> Double { count == 0 ? 0 : sum / Double(count) }
}
