/// The normalizers `NFC`, `NFD`, `NFKC` and `NFKD`, with the tables of Hugging Face's library (of an older Unicode
/// version than the Swift standard library's).
/// - Source: Unicode Annex 15.
struct UnicodeNormalization: Normalizer, Hashable {
    /// Whether compatibility decompositions are used: NFKC, NFKD.
    let isCompatible: Bool
    /// Whether characters are composed again: NFC, NFKC.
    let composes: Bool

    func normalize(_ text: inout NormalizedText) {
        if text.bytes.allSatisfy({ $0 < 0x80 }) { return }
        let tables = NormalizationTables.shared
        var scalars: [(scalar: UInt32, order: UInt8)] = []
        scalars.reserveCapacity(text.bytes.count)
        text.rewrite { bytes, output in
            var position = 0
            while position < bytes.count { decompose(UTF8Text.next(bytes, &position), tables, into: &scalars) }
            if composes { Self.compose(&scalars, tables) }
            for (scalar, _) in scalars { UTF8Text.append(scalar, to: &output) }
        }
    }

    private func decompose(
        _ scalar: UInt32, _ tables: NormalizationTables, into scalars: inout [(scalar: UInt32, order: UInt8)]
    ) {
        if scalar < 0x80 { return scalars.append((scalar, 0)) }
        if scalar >= Hangul.syllables && scalar < Hangul.end {
            let index = scalar - Hangul.syllables
            scalars.append((Hangul.leading + index / 588, 0))
            scalars.append((Hangul.vowels + index % 588 / 28, 0))
            if index % 28 != 0 { scalars.append((Hangul.trailing + index % 28, 0)) }
            return
        }
        var offset = isCompatible ? Int(tables.compatible[scalar]) : 0
        if offset == 0 { offset = Int(tables.canonical[scalar]) }
        if offset == 0 { return Self.insert(scalar, tables.combiningClass[scalar], into: &scalars) }
        for index in 1...Int(tables.targets[offset]) {
            let target = tables.targets[offset + index]
            Self.insert(target, tables.combiningClass[target], into: &scalars)
        }
    }

    /// Canonical ordering: a mark moves in front of marks of a higher class, never across class 0.
    private static func insert(
        _ scalar: UInt32, _ order: UInt8, into scalars: inout [(scalar: UInt32, order: UInt8)]
    ) {
        var place = scalars.count
        if order != 0 { while place > 0 && scalars[place - 1].order > order { place -= 1 } }
        scalars.insert((scalar, order), at: place)
    }

    private static func compose(
        _ scalars: inout [(scalar: UInt32, order: UInt8)], _ tables: NormalizationTables
    ) {
        var kept = 0
        /// Where the last scalar of class 0 stands, and the class of the last one kept behind it.
        var starter: Int?
        var lastOrder: UInt8 = 0
        for (scalar, order) in scalars {
            // Blocked: something of the same or a higher class, or another starter, stands in between.
            if let starter, kept == starter + 1 || (lastOrder != 0 && lastOrder < order),
                let composed = pair(scalars[starter].scalar, scalar, tables)
            {
                scalars[starter].scalar = composed
                continue
            }
            scalars[kept] = (scalar, order)
            if order == 0 { starter = kept }
            lastOrder = order
            kept += 1
        }
        scalars.removeLast(scalars.count - kept)
    }

    private static func pair(_ first: UInt32, _ second: UInt32, _ tables: NormalizationTables) -> UInt32? {
        if first >= Hangul.leading && first < Hangul.leading + 19,
            second >= Hangul.vowels && second < Hangul.vowels + 21
        {
            return Hangul.syllables + ((first - Hangul.leading) * 21 + (second - Hangul.vowels)) * 28
        }
        if first >= Hangul.syllables && first < Hangul.end, (first - Hangul.syllables) % 28 == 0,
            second > Hangul.trailing && second < Hangul.trailing + 28
        {
            return first + (second - Hangul.trailing)
        }
        return tables.compositions[UInt64(first) << 32 | UInt64(second)]
    }

    private enum Hangul {
        static let syllables: UInt32 = 0xAC00
        static let end: UInt32 = 0xD7A4
        static let leading: UInt32 = 0x1100
        static let vowels: UInt32 = 0x1161
        /// One below the first trailing consonant.
        static let trailing: UInt32 = 0x11A7
    }
}
