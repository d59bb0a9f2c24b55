import ArgumentParser
import Lexicon

/// Which glosses stand beside a pair of words.
///
/// Candidates are the synset's glosses ordered by language, then by position. g1 is in another language than the first
/// word; g2 in another than the second word and, where there is one, than g1 (paper §3.1, footnote 2: L(g1) may be
/// L(w2)).
struct GlossChoice: Sendable {
    /// `--gloss-choice`
    enum Order: String, ExpressibleByArgument, CaseIterable, Sendable {
        /// The first that fits: the same for every pair of the same two languages.
        case first
        /// Any that fits, drawn anew for each pair.
        case random
    }

    let order: Order
    let seed: UInt64
    /// Whether a gloss must be in another language than its word.
    let avoidsWordLanguage: Bool

    /// Positions in `glosses` of g1 and g2, or nil when there are none that fit.
    func choose(
        _ glosses: [Synset.Gloss], first: String, second: String, random: inout SeededRandom
    ) -> (Int, Int)? {
        guard
            let one = pick(glosses, random: &random, where: { !avoidsWordLanguage || $0.language != first })
        else { return nil }
        let other = glosses[one].language
        let fits: (Synset.Gloss) -> Bool = { !avoidsWordLanguage || $0.language != second }
        let two =
            pick(glosses, random: &random, where: { fits($0) && $0.language != other })
            ?? pick(glosses, random: &random, where: fits)
        return two.map { (one, $0) }
    }

    /// The stream of random numbers for one synset: it depends on the seed and the synset's id, not on what was mined
    /// before.
    func random(for synset: String) -> SeededRandom {
        // FNV-1a, then SplitMix's own mixing.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed
        for byte in synset.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return SeededRandom(seed: hash)
    }

    private func pick(
        _ glosses: [Synset.Gloss], random: inout SeededRandom, where fits: (Synset.Gloss) -> Bool
    ) -> Int? {
        switch order {
        case .first: return glosses.firstIndex(where: fits)
        case .random:
            let fitting = glosses.indices.filter { fits(glosses[$0]) }
            return fitting.isEmpty ? nil : fitting[random.below(fitting.count)]
        }
    }
}
