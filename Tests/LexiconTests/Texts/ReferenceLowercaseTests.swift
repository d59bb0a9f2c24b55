import Testing

@testable import Lexicon

@Suite struct ReferenceLowercaseTests {
    /// Printed by CPython 3.11: `[s.lower() for s in …]`.
    @Test(arguments: [
        ("HAUS", "haus"), ("\u{c4}\u{d6}\u{dc}\u{df}", "\u{e4}\u{f6}\u{fc}\u{df}"), ("\u{1e9e}", "\u{df}"),
        ("\u{130}stanbul", "i\u{307}stanbul"), ("ISPARTA", "isparta"), ("\u{212a}\u{212b}", "k\u{e5}"),
        ("E\u{301}", "e\u{301}"), ("\u{1c5}\u{1c4}", "\u{1c6}\u{1c6}"),
        ("\u{41c}\u{418}\u{420}", "\u{43c}\u{438}\u{440}"),
        ("\u{3a3}", "\u{3c3}"), ("\u{39f}\u{394}\u{3a3}", "\u{3bf}\u{3b4}\u{3c2}"),
        ("\u{39f}\u{394}\u{3a3}\u{391}", "\u{3bf}\u{3b4}\u{3c3}\u{3b1}"), ("\u{3a3}\u{3a3}", "\u{3c3}\u{3c2}"),
        ("A\u{3a3}.B", "a\u{3c3}.b"), ("A\u{3a3}. B", "a\u{3c2}. b"), ("A.\u{3a3}", "a.\u{3c2}"),
        ("1\u{3a3}", "1\u{3c3}"),
        ("A\u{301}\u{3a3}\u{301}", "a\u{301}\u{3c2}\u{301}"), ("A\u{ad}\u{3a3}\u{ad}B", "a\u{ad}\u{3c3}\u{ad}b"),
        ("\u{13a0}\u{10a0}\u{1c90}", "\u{ab70}\u{2d00}\u{10d0}"), ("\u{2c6f}\u{a7ae}", "\u{250}\u{26a}"), ("", ""),
    ])
    func equalsPythonsLower(text: String, expected: String) {
        #expect(Array(ReferenceLowercase.lower(text).utf8) == Array(expected.utf8))
        let bytes = Array(text.utf8).withUnsafeBufferPointer { ReferenceLowercase.lower($0) }
        #expect(bytes == Array(expected.utf8))
    }
}
