import Evaluation
import Fingerprinting
import Store

/// Which words may be answered "not sure" because their best candidate stands out no more than one of nonsense.
package enum Doubt: String, CaseIterable, Sendable {
    /// Those that are not stored: a stored word is a word.
    case new
    case all
    case none
}

/// How far the best candidate of nonsense stands out between two languages, told from stored vectors alone.
///
/// A cosine says little by itself: where all vectors point about the same way the best candidate of anything scores
/// 0.9. What is compared is by how much the best candidate is above the ten behind it. Nonsense is the mean of the
/// vectors of three words drawn at random, as a tokenizer cuts letters nobody wrote into pieces of nothing in common;
/// on multilingual e5 it stands out as random letters do (docs/scores.md, "Not sure").
struct NonsenseCalibration: Sendable {
    /// Candidates the best one is compared with.
    static let others = 10
    /// Words in one nonsense.
    private static let parts = 3
    /// Samples of either kind; of fewer stored words all are taken.
    private static let samples = 256
    /// Fewer words of a language say nothing about its twentieth.
    static let fewestWords = 20
    /// Of nonsense, that which may stand out further; of stored words, those that may stand out less.
    private static let share = 0.05

    /// A best candidate that stands out less is no answer to be sure of: 95 % of the nonsense drawn is no better, and
    /// fewer than 5 % of the words drawn from the source vocabulary stand out so little.
    let limit: Double

    /// - Parameters:
    ///   - sources: the source vocabulary at the layer that is asked.
    ///   - candidates: the target vocabulary there.
    /// - Returns: nil where a vocabulary has too few words.
    init?(sources: some VectorRows, candidates: some VectorRows, threads: Int) throws {
        guard sources.rowCount >= Self.fewestWords, candidates.rowCount > 1 else { return nil }
        var random = SampledRows(count: sources.rowCount)
        let count = min(Self.samples, sources.rowCount)
        let words = try VectorMatrix(gathering: (0..<count).map { _ in random.distinct() }, of: sources)
        let mixed = try AveragedRows(
            name: "nonsense",
            (0..<Self.parts).map { _ in
                try VectorMatrix(gathering: (0..<Self.samples).map { _ in random.any() }, of: sources)
            })
        func sorted(_ queries: VectorMatrix) throws -> [Double] {
            try NearestRows.top(Self.others + 1, queries: queries, candidates: candidates, threads: threads)
                .map { Self.margin($0.map { Double($0.score) }) }.sorted()
        }
        let stored = try sorted(words), nonsense = try sorted(VectorMatrix(all: mixed))
        limit = min(
            stored[Int(Self.share * Double(stored.count))],
            nonsense[nonsense.count - 1 - Int(Self.share * Double(nonsense.count))])
    }

    /// By how much the best of some scores is above the mean of the ten behind it.
    /// - Parameter best: the highest scores, in any order; more than ten others do not matter. Two at least, else 0.
    static func margin(_ best: [Double]) -> Double {
        let sorted = best.sorted(by: >).prefix(others + 1)
        guard let first = sorted.first, sorted.count > 1 else { return 0 }
        return first - sorted.dropFirst().reduce(0, +) / Double(sorted.count - 1)
    }
}

/// Rows drawn at random, the same in every run.
private struct SampledRows {
    private let count: Int
    private var state: UInt64 = 1
    private var taken: Set<Int> = []

    init(count: Int) { self.count = count }

    mutating func any() -> Int {
        state &+= SplitMix64.increment
        return Int(SplitMix64.mix(state) % UInt64(count))
    }

    /// One that was not drawn before; there must be one.
    mutating func distinct() -> Int {
        precondition(taken.count < count)
        while true {
            let row = any()
            if taken.insert(row).inserted { return row }
        }
    }
}
