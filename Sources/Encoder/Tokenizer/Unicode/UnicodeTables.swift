/// What a scalar is to the BERT normaliser and pre-tokeniser; the numbers are those of
/// tools/goldens/make-unicode-tables.
struct ScalarFlags: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    /// Taken out by `clean_text`: control and format characters, private use, U+FFFD.
    static let removed = ScalarFlags(rawValue: 0x01)
    static let space = ScalarFlags(rawValue: 0x02)
    static let punctuation = ScalarFlags(rawValue: 0x04)
    /// Taken out by `strip_accents`.
    static let nonspacing = ScalarFlags(rawValue: 0x08)
    /// Set apart by `tokenize_chinese_chars`.
    static let ideograph = ScalarFlags(rawValue: 0x10)
    static let lowercased = ScalarFlags(rawValue: 0x20)
    /// Has a canonical decomposition (Hangul syllables aside).
    static let decomposed = ScalarFlags(rawValue: 0x40)
    /// Takes part in canonical ordering: a kept mark that moves, or a stripped one that nothing moves across.
    static let reordered = ScalarFlags(rawValue: 0x80)
}

/// How a scalar joins its neighbours to a grapheme cluster (Unicode Annex 29); the order is that of
/// tools/goldens/make-unicode-tables.
enum GraphemeClass: UInt8, Sendable {
    case other, carriageReturn, lineFeed, control, extend, extendConjunct, extendLinker, joiner, spacing,
        prepend, leading, vowel, trailing, syllableOpen, syllableClosed, pictographic, consonant
}

/// The Unicode data of the tokenizers, unpacked from `UnicodeRanges` on first use (a few milliseconds).
struct UnicodeTables: Sendable {
    static let shared = UnicodeTables()

    let flags: ScalarTable<ScalarFlags>
    /// The scalar itself plus this; U+0130 alone has two scalars (i and U+0307) and is not in here.
    let lowercaseDifference: ScalarTable<Int32>
    /// Offset into `decompositionTargets`, where a count and that many scalars stand; 0 without a decomposition.
    let decomposition: ScalarTable<UInt16>
    let decompositionTargets: [UInt32]
    let combiningClass: ScalarTable<UInt8>

    private init() {
        flags = ScalarTable(
            initial: [],
            runs: Self.entries(UnicodeRanges.flags).map { ($0.scalar, ScalarFlags(rawValue: UInt8($0.numbers[0]))) })

        var differences: [(scalar: UInt32, value: Int32)] = []
        for entry in Self.entries(UnicodeRanges.lowercase) {
            for index in 0..<entry.numbers[0] {
                differences.append((entry.scalar + UInt32(index * entry.numbers[1]), Int32(entry.numbers[2])))
            }
        }
        lowercaseDifference = ScalarTable(initial: 0, points: differences.sorted { $0.scalar < $1.scalar })

        var targets: [UInt32] = [0]
        var offsets: [(scalar: UInt32, value: UInt16)] = []
        for entry in Self.entries(UnicodeRanges.decompositions) {
            offsets.append((entry.scalar, UInt16(targets.count)))
            targets.append(UInt32(entry.numbers.count))
            targets += entry.numbers.map { UInt32($0) }
        }
        decomposition = ScalarTable(initial: 0, points: offsets)
        decompositionTargets = targets

        combiningClass = ScalarTable(
            initial: 0,
            points: Self.entries(UnicodeRanges.combiningClasses).map { ($0.scalar, UInt8($0.numbers[0])) })
    }

    /// Grapheme classes are needed by XLM-R only.
    static let graphemes = ScalarTable<GraphemeClass>(
        initial: .other,
        runs: entries(UnicodeRanges.graphemes).map {
            ($0.scalar, GraphemeClass(rawValue: UInt8($0.numbers[0])) ?? .other)
        })

    /// Unpacks "distance:number:number+number …" into scalars and their numbers; the text is our own, so it is trusted.
    static func entries(_ text: StaticString) -> [(scalar: UInt32, numbers: [Int])] {
        var result: [(scalar: UInt32, numbers: [Int])] = []
        var scalar: UInt32 = 0
        var numbers: [Int] = []
        var isFirst = true
        var number = 0
        var sign = 1
        func finishNumber() {
            if isFirst {
                scalar += UInt32(number)
                isFirst = false
            } else {
                numbers.append(sign * number)
            }
            (number, sign) = (0, 1)
        }
        var previous = UInt8(ascii: " ")
        text.withUTF8Buffer { bytes in
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | Int(byte - UInt8(ascii: "0"))
                case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | Int(byte - UInt8(ascii: "a") + 10)
                case UInt8(ascii: "-"): sign = -1
                case UInt8(ascii: " "):
                    // "12: " is a scalar with no numbers (a decomposition of stripped marks only).
                    if previous != UInt8(ascii: ":") { finishNumber() }
                    result.append((scalar, numbers))
                    numbers.removeAll(keepingCapacity: true)
                    isFirst = true
                default: finishNumber()  // ":" and "+"
                }
                previous = byte
            }
        }
        return result
    }
}
