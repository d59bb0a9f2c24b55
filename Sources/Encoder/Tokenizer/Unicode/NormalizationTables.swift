/// What a scalar is to regular expressions and to the smaller normalizers and pre-tokenizers; the numbers are those of
/// tools/goldens/make-normalization-tables.
struct ScalarKinds: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    /// `\p{L}`, `\p{N}` and `\s` of Oniguruma.
    static let letter = ScalarKinds(rawValue: 0x01)
    static let number = ScalarKinds(rawValue: 0x02)
    static let space = ScalarKinds(rawValue: 0x04)
    /// `\w` of Rust's regular expressions.
    static let word = ScalarKinds(rawValue: 0x08)
    /// A digit or another number to the pre-tokenizer `Digits`.
    static let numeric = ScalarKinds(rawValue: 0x10)
    /// Taken out by the normalizer `StripAccents`.
    static let mark = ScalarKinds(rawValue: 0x20)
}

/// Decompositions, compositions and kinds of scalars, unpacked from `NormalizationRanges` on first use.
struct NormalizationTables: Sendable {
    static let shared = NormalizationTables()

    /// Offset into `targets`, where a count and that many scalars stand; 0 without a decomposition. Hangul is computed.
    let canonical: ScalarTable<UInt16>
    /// As `canonical`, for compatibility decompositions that differ from it.
    let compatible: ScalarTable<UInt16>
    let targets: [UInt32]
    /// Canonical combining classes; 0 for everything that stays where it is.
    let combiningClass: ScalarTable<UInt8>
    /// (first << 32 | second) → what the two compose to.
    let compositions: [UInt64: UInt32]

    private init() {
        var targets: [UInt32] = [0]
        func offsets(_ text: StaticString) -> ScalarTable<UInt16> {
            var points: [(scalar: UInt32, value: UInt16)] = []
            for entry in UnicodeTables.entries(text) {
                points.append((entry.scalar, UInt16(targets.count)))
                targets.append(UInt32(entry.numbers.count))
                targets += entry.numbers.map { UInt32($0) }
            }
            return ScalarTable(initial: 0, points: points)
        }
        canonical = offsets(NormalizationRanges.canonical)
        compatible = offsets(NormalizationRanges.compatible)
        self.targets = targets
        combiningClass = ScalarTable(
            initial: 0,
            runs: UnicodeTables.entries(NormalizationRanges.combiningClasses).map { ($0.scalar, UInt8($0.numbers[0])) })
        var compositions: [UInt64: UInt32] = [:]
        for entry in UnicodeTables.entries(NormalizationRanges.compositions) {
            compositions[UInt64(entry.numbers[0]) << 32 | UInt64(entry.numbers[1])] = entry.scalar
        }
        self.compositions = compositions
    }

    static let kinds = ScalarTable<ScalarKinds>(
        initial: [],
        runs: UnicodeTables.entries(NormalizationRanges.kinds).map {
            ($0.scalar, ScalarKinds(rawValue: UInt8($0.numbers[0])))
        })

    /// Numbers of scripts; 0 for what never splits.
    static let scripts = ScalarTable<UInt8>(
        initial: 0,
        runs: UnicodeTables.entries(NormalizationRanges.scripts).map { ($0.scalar, UInt8($0.numbers[0])) })
}
