import TestSupport
import Testing

@testable import Lexicon

/// `ReferenceLowercase` against the `str.lower` of a real Python, over every scalar value that Python knows.
///
/// Run by `tools/test`, which sets `POLYLEX_PYTHON`. Scalars that Python's Unicode version leaves unassigned are left
/// out: there the newer table is right.
@Suite struct PythonLowercaseTests {
    /// One line a scalar where something happens: its number, the hexadecimal UTF-8 of its lower case, and whether a
    /// capital sigma is final after "1" and it, after "a" and it, and after "a" with it and "b" behind. Nothing
    /// happens: it is its own lower case and ends a word.
    private static let script = """
        import unicodedata
        for value in range(0x110000):
            if 0xD800 <= value < 0xE000:
                continue
            c = chr(value)
            if unicodedata.category(c) == "Cn":
                print(value, "unassigned")
                continue
            lower = c.lower().encode().hex()
            contexts = "1%s\\u03a3", "a%s\\u03a3", "a\\u03a3%sb"
            final = "".join("1" if "\\u03c2" in (t % c).lower() else "0" for t in contexts)
            if lower != c.encode().hex() or final != "001":
                print(value, lower, final)
        """

    @Test func equalsStrLowerOnEveryScalar() throws {
        let outcome = try PythonProcess.run(["-c", Self.script])
        try #require(outcome.status == 0)

        var expected: [UInt32: (lower: Substring, final: Substring)] = [:]
        var unassigned = Set<UInt32>()
        for line in outcome.output.split(separator: "\n") {
            let cells = line.split(separator: " ")
            let value = try #require(UInt32(cells[0]))
            if cells.count == 2 { unassigned.insert(value) } else { expected[value] = (cells[1], cells[2]) }
        }
        #expect(expected.count > 2_000)

        // Their properties changed between Unicode 13 (Python 3.10; U+1734) or 14 (Python 3.11) and Swift's version; it
        // matters beside a sigma only.
        let changed: Set<UInt32> = [0x295, 0x1734, 0x1171e]
        var differing: [String] = []
        for value in UInt32(0)..<0x11_0000 {
            guard let scalar = Unicode.Scalar(value), !unassigned.contains(value) else { continue }
            let text = String(scalar)
            let (lower, final) = expected[value] ?? (Substring(Self.hexadecimal(text)), "001")
            var found = Self.hexadecimal(ReferenceLowercase.lower(text))
            if found != lower { differing.append("U+\(String(value, radix: 16)): \(found), Python \(lower)") }
            // Beyond these planes no scalar is cased or ignorable; the sweep of contexts would only cost time.
            guard value < 0x2_0000 || (0xe_0000..<0xe_0200).contains(value) else { continue }
            found = ["1\(text)\u{3a3}", "a\(text)\u{3a3}", "a\u{3a3}\(text)b"].map {
                ReferenceLowercase.lower($0).unicodeScalars.contains("\u{3c2}") ? "1" : "0"
            }.joined()
            if found != final, !changed.contains(value) {
                differing.append("U+\(String(value, radix: 16)): final \(found), Python \(final)")
            }
        }
        #expect(differing.isEmpty)
    }

    private static func hexadecimal(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
