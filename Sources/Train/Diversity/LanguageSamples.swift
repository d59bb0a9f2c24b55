import Console
import Files
import Lexicon

/// The paper's choice of language samples (§5.1): many random samples of one size, bins of equal width over the range
/// of their d_typ, one sample from each bin.
///
/// The draws are made twice from the same seed, once for the range and once for the bins, so that memory does not grow
/// with their number.
struct LanguageDraws {
    struct Bin: Equatable, Sendable {
        /// d_typ from, inclusive, and up to, exclusive but for the last bin.
        let from: Double
        let upTo: Double
        /// Draws that fell into it, and one of them, each equally likely; empty when there are none.
        var draws = 0
        var sample: [Int] = []
        var diversity = 0.0
    }

    let diversity: TypologicalDiversity
    let sampleSize: Int
    let draws: Int
    let seed: UInt64
    /// Asked now and then; throws to end the work.
    let pause: () throws -> Void

    private static let pauseInterval = 65_536

    /// - Precondition: 0 < `sampleSize` ≤ the languages of `diversity`.
    func bins(_ count: Int) throws -> [Bin] {
        var (least, most) = (Double.infinity, -Double.infinity)
        try forEachDraw { _, value in
            least = min(least, value)
            most = max(most, value)
        }
        let width = (most - least) / Double(count)
        var bins = (0..<count).map {
            Bin(from: least + Double($0) * width, upTo: $0 + 1 == count ? most : least + Double($0 + 1) * width)
        }
        // Apart from the draws' own numbers: which samples are drawn does not depend on which are kept.
        var choice = SeededRandom(seed: ~seed)
        try forEachDraw { sample, value in
            let bin = width > 0 ? min(Int((value - least) / width), count - 1) : 0
            bins[bin].draws += 1
            if choice.below(bins[bin].draws) == 0 {
                bins[bin].sample = sample.sorted()
                bins[bin].diversity = value
            }
        }
        return bins
    }

    private func forEachDraw(_ body: (ArraySlice<Int>, Double) -> Void) throws {
        precondition(sampleSize > 0 && sampleSize <= diversity.languages.count)
        var random = SeededRandom(seed: seed)
        var order = Array(diversity.languages.indices)
        var counts = diversity.makeCounts()
        let terms = TypologicalDiversity.terms(sampleSize: sampleSize)
        for draw in 0..<draws {
            // The start of a shuffle (Fisher and Yates): any order to begin with gives every sample the same chance.
            for place in 0..<sampleSize { order.swapAt(place, place + random.below(order.count - place)) }
            let sample = order[..<sampleSize]
            body(sample, diversity.index(of: sample, counts: &counts, terms: terms))
            if draw % Self.pauseInterval == 0 { try pause() }
        }
    }
}

/// A file of language samples: one a line, codes between spaces or commas; blank lines and lines that start with # are
/// skipped.
enum SampleFile {
    /// - Throws: `LexiconError`, `SystemFault`.
    static func read(path: String) throws -> [[String]] {
        let reader = try LineReader(path: path)
        var samples: [[String]] = []
        while let line = try reader.next() {
            let text = String(decoding: line, as: UTF8.self)
            guard !text.hasPrefix("#"), let list = LanguageList(argument: text) else { continue }
            guard let codes = try? list.checked(option: path) else {
                throw LexiconError.malformedLine(
                    path: path, line: reader.lineNumber,
                    expected: "language codes, each once, between spaces or commas",
                    found: "'\(text.prefix(80))'", advice: "correct or remove the line")
            }
            samples.append(codes)
        }
        guard !samples.isEmpty else {
            throw LexiconError.empty(path: path, expected: "language samples, one a line")
        }
        return samples
    }
}
