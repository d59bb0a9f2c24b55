/// MRR of every validation pair at one moment of a run.
struct ValidationScores: Codable, Equatable, Sendable {
    struct Pair: Codable, Equatable, Sendable {
        /// "en-it"
        var pair: String
        var mrr: Double
        /// (MRR - vanilla MRR) / vanilla MRR; 0 for vanilla itself.
        var gain: Double
        var queries: Int
    }

    var pairs: [Pair]

    /// What selects the best checkpoint (paper §4).
    var meanGain: Double { pairs.isEmpty ? 0 : pairs.reduce(0) { $0 + $1.gain } / Double(pairs.count) }

    /// The scores with gains over those of the unspecialised model; a rank is finite, so no MRR is 0.
    func relative(to vanilla: ValidationScores) -> ValidationScores {
        var result = self
        for (index, base) in vanilla.pairs.enumerated() { result.pairs[index].gain = pairs[index].mrr / base.mrr - 1 }
        return result
    }
}
