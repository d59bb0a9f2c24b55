/// A lemma as wordnets write it, made the word it stands for.
enum WordnetLemma {
    /// Princeton WordNet's syntactic markers of adjectives: predicative, attributive, immediately postnominal. They say
    /// where the word may stand and are no part of it.
    private static let markers = ["(a)", "(p)", "(ip)"]

    /// Without white space at its ends and without a marker: "galore(ip)" is "galore".
    static func cleaned(_ lemma: String) -> String {
        let trimmed = WhiteSpace.trimmed(lemma)
        for marker in markers where trimmed.utf8.count > marker.utf8.count && trimmed.hasSuffix(marker) {
            return WhiteSpace.trimmed(String(trimmed.dropLast(marker.utf8.count)))
        }
        return trimmed
    }
}
