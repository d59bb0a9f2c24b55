import Evaluation
import Fingerprinting
import Store

/// Ranks, similarities and occurrences as the store keeps them.
extension ResultOutcomes {
    static func ranks(_ lists: [Ranks], of data: Fingerprint) -> ResultOutcomes {
        ResultOutcomes(kind: .ranks, data: data, bytes: [UInt8(lists.count)] + lists.flatMap(\.encoded))
    }

    static func similarities(_ similarities: PairSimilarities, of data: Fingerprint) -> ResultOutcomes {
        ResultOutcomes(kind: .similarities, data: data, bytes: similarities.encoded)
    }

    /// - Parameter data: of the list of candidates.
    static func occurrences(_ occurrences: NeighbourOccurrences, of data: Fingerprint) -> ResultOutcomes {
        ResultOutcomes(kind: .occurrences, data: data, bytes: occurrences.encoded)
    }

    /// The lists of ranks: one for `bli`; for `tatoeba` the queries' and their translations' (reverse).
    /// - Throws: `EvaluationError.damagedOutcomes`; also for outcomes of another kind.
    package func ranks() throws -> [Ranks] {
        var rest = bytes[...]
        guard kind == .ranks, let count = rest.popFirst() else { throw EvaluationError.damagedOutcomes("no ranks") }
        let lists = try (0..<count).map { _ in try Ranks(decoding: &rest) }
        guard rest.isEmpty else { throw EvaluationError.damagedOutcomes("\(rest.count) bytes too many") }
        return lists
    }

    /// The cosines of `xlsim`.
    /// - Throws: `EvaluationError.damagedOutcomes`; also for outcomes of another kind.
    package func similarities() throws -> PairSimilarities {
        var rest = bytes[...]
        guard kind == .similarities else { throw EvaluationError.damagedOutcomes("no similarities") }
        let similarities = try PairSimilarities(decoding: &rest)
        guard rest.isEmpty else { throw EvaluationError.damagedOutcomes("\(rest.count) bytes too many") }
        return similarities
    }

    /// The counts of `hubs`.
    /// - Throws: `EvaluationError.damagedOutcomes`; also for outcomes of another kind.
    package func occurrences() throws -> NeighbourOccurrences {
        var rest = bytes[...]
        guard kind == .occurrences else { throw EvaluationError.damagedOutcomes("no occurrences") }
        let occurrences = try NeighbourOccurrences(decoding: &rest)
        guard rest.isEmpty else { throw EvaluationError.damagedOutcomes("\(rest.count) bytes too many") }
        return occurrences
    }
}
