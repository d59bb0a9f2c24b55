/// How candidates are ordered by `query bli`: by cosine, or past the paper.
package struct InductionScoring: Hashable, Sendable {
    /// Cross-domain similarity local scaling against the whole stored source vocabulary.
    package var scaled = false
    /// Both languages' vectors less their mean.
    package var centred = false
    /// Which words of other languages stand behind all other candidates, as `translate` leaves them out.
    package var native = NativeCandidates.off

    package init(scaled: Bool = false, centred: Bool = false, native: NativeCandidates = .off) {
        self.scaled = scaled
        self.centred = centred
        self.native = native
    }

    static let all = [NativeCandidates.off, .own, .any].flatMap { native in
        [false, true].flatMap { scaled in
            [false, true].map { InductionScoring(scaled: scaled, centred: $0, native: native) }
        }
    }

    /// Whether candidates are ordered in another way for each source language.
    var isOfEachSource: Bool { scaled || native == .own }

    /// Results of another scoring are another data set's in tables and on the leaderboard: "gbli (csls, centred)".
    package func dataset(_ name: String) -> String {
        let words =
            (scaled ? ["csls"] : []) + (centred ? ["centred"] : [])
            + (native == .off ? [] : ["native \(native.rawValue)"])
        return words.isEmpty ? name : "\(name) (\(words.joined(separator: ", ")))"
    }

    var policy: ResultKey.Policy {
        var text = ResultKey.Policy.bli.text
        if centred { text += "; centred: unit rows less the mean of the vocabulary's unit rows" }
        if scaled { text += "; csls: cosine - r(y) / 2, r(y) the mean cosine with the 10 nearest source words" }
        switch native {
        case .off: break
        case .own:
            text +=
                "; native own: behind all others stand words that are \(ForeignWords.rankRatio) times as frequent in "
                + "the source vocabulary"
        case .any:
            text +=
                "; native any: behind all others stand words that are \(ForeignWords.rankRatio) times as frequent in "
                + "another stored vocabulary"
        }
        return .init(text: text)
    }
}
