/// Boundaries of extended grapheme clusters (Unicode Annex 29), with the tables of Hugging Face's tokenizers.
///
/// Regional indicators are not paired: a pair has eight bytes, one has four, and either way `CharacterMap` looks at
/// their scalars one by one.
enum GraphemeClusters {
    /// What the scalars of a cluster so far say about the next one.
    private struct State {
        /// 1: a pictograph and extenders; 2: and then a joiner (GB11).
        var emoji = 0
        /// 1: a consonant and extenders; 2: and a linker among them (GB9c).
        var conjunct = 0

        mutating func take(_ kind: GraphemeClass) {
            switch kind {
            case .pictographic: emoji = 1
            case .extend, .extendConjunct, .extendLinker: emoji = emoji == 1 ? 1 : 0
            case .joiner: emoji = emoji == 1 ? 2 : 0
            default: emoji = 0
            }
            switch kind {
            case .consonant: conjunct = 1
            case .extendLinker: conjunct = conjunct == 0 ? 0 : 2
            case .extendConjunct, .joiner: break
            default: conjunct = 0
            }
        }
    }

    /// End of the cluster that begins at `start`.
    static func end(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let classes = UnicodeTables.graphemes
        var end = start
        var previous = kind(UTF8Text.next(text, &end), classes)
        var state = State()
        state.take(previous)
        while end < text.count {
            var next = end
            let current = kind(UTF8Text.next(text, &next), classes)
            if isBoundary(previous, current, state) { break }
            state.take(current)
            previous = current
            end = next
        }
        return end
    }

    @inline(__always)
    private static func kind(_ scalar: UInt32, _ classes: ScalarTable<GraphemeClass>) -> GraphemeClass {
        if scalar >= 0xAC00 && scalar < 0xD7A4 { return (scalar - 0xAC00) % 28 == 0 ? .syllableOpen : .syllableClosed }
        return classes[scalar]
    }

    private static func isBoundary(_ previous: GraphemeClass, _ current: GraphemeClass, _ state: State) -> Bool {
        switch (previous, current) {
        case (.carriageReturn, .lineFeed): false
        case (.carriageReturn, _), (.lineFeed, _), (.control, _): true
        case (_, .carriageReturn), (_, .lineFeed), (_, .control): true
        case (_, .extend), (_, .extendConjunct), (_, .extendLinker), (_, .joiner), (_, .spacing): false
        case (.prepend, _): false
        case (.leading, .leading), (.leading, .vowel), (.leading, .syllableOpen), (.leading, .syllableClosed): false
        case (.vowel, .vowel), (.vowel, .trailing), (.syllableOpen, .vowel), (.syllableOpen, .trailing): false
        case (.trailing, .trailing), (.syllableClosed, .trailing): false
        case (_, .consonant): state.conjunct != 2
        case (.joiner, .pictographic): state.emoji != 2
        default: true
        }
    }
}
