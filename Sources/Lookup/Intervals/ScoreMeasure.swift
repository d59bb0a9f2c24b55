import Evaluation

/// A score that has an interval, and how a query counts in it.
package enum ScoreMeasure: Hashable, Sendable {
    /// The mean of 1 / rank.
    case reciprocalRank(key: String)
    /// The share of queries whose rank is at most `rank`.
    /// - Parameter list: which of a result's lists of ranks: of `tatoeba` 0 the queries', 1 their translations'.
    case share(key: String, rank: Int, list: Int)
    /// Spearman's ρ over the pairs counted under `pairs`; it is no mean of what single queries came to.
    case correlation(key: String, pairs: String)

    /// The value's name in the command contract.
    package var key: String {
        switch self {
        case .reciprocalRank(let key), .share(let key, _, _), .correlation(let key, _): key
        }
    }

    /// Lists of ranks a result has to have.
    var lists: Int {
        switch self {
        case .reciprocalRank: 1
        case .share(_, _, let list): list + 1
        case .correlation: 0
        }
    }
}

extension ResultSchema {
    /// The scores that have intervals; the headline first. Hubness is of whole vocabularies and no mean over queries.
    package var measures: [ScoreMeasure] {
        switch task {
        case Self.bli.task:
            [.reciprocalRank(key: "mrr")] + [1, 5, 10].map { .share(key: "p\($0)", rank: $0, list: 0) }
        case Self.xlsim.task: [.correlation(key: "rho", pairs: "pairs")]
        case Self.hubs.task: []
        default: [.share(key: "accuracy", rank: 1, list: 0), .share(key: "accuracy_reverse", rank: 1, list: 1)]
        }
    }
}
