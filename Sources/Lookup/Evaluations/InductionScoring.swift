/// How candidates are ordered by `query bli`: by cosine, or past the paper.
package struct InductionScoring: Hashable, Sendable {
    /// Cross-domain similarity local scaling against the whole stored source vocabulary.
    package var scaled = false
    /// Both languages' vectors less their mean.
    package var centred = false

    package init(scaled: Bool = false, centred: Bool = false) {
        self.scaled = scaled
        self.centred = centred
    }

    static let all = [false, true].flatMap { scaled in
        [false, true].map { InductionScoring(scaled: scaled, centred: $0) }
    }

    /// Results of another scoring are another data set's in tables and on the leaderboard: "gbli (csls, centred)".
    package func dataset(_ name: String) -> String {
        let words = (scaled ? ["csls"] : []) + (centred ? ["centred"] : [])
        return words.isEmpty ? name : "\(name) (\(words.joined(separator: ", ")))"
    }

    var policy: ResultKey.Policy {
        var text = ResultKey.Policy.bli.text
        if centred { text += "; centred: unit rows less the mean of the vocabulary's unit rows" }
        if scaled { text += "; csls: cosine - r(y) / 2, r(y) the mean cosine with the 10 nearest source words" }
        return .init(text: text)
    }
}
