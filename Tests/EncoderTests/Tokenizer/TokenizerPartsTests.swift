import Files
import TestSupport
import Testing

@testable import Encoder

struct UTF8TextTests {
    @Test("every scalar is read as it was written")
    func everyScalar() {
        var bytes: [UInt8] = []
        let step: UInt32 = _isDebugAssertConfiguration() ? 37 : 1
        for scalar in stride(from: UInt32(0), to: 0x110000, by: UInt32.Stride(step)) where scalar & 0xFFFFF800 != 0xD800
        {
            bytes.removeAll(keepingCapacity: true)
            UTF8Text.append(scalar, to: &bytes)
            var position = 0
            let found = bytes.withUnsafeBufferPointer { UTF8Text.next($0, &position) }
            if found != scalar || position != bytes.count { Issue.record("U+\(String(scalar, radix: 16)): \(bytes)") }
        }
    }

    @Test("damaged bytes are read as the standard library reads them")
    func damaged() {
        var random = SeededGenerator(state: 3)
        for _ in 0..<2_000 {
            let bytes = (0..<12).map { _ in
                [0x41, 0xC3, 0xA4, 0xE0, 0x80, 0xED, 0xA0, 0xF0, 0x90, 0xF4, 0x8F, 0xBF, 0xC0, 0xFF, 0xE2, 0x96, 0x81]
                    .randomElement(using: &random) ?? 0x41
            }.map { UInt8($0) }
            let expected = String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
            bytes.withUnsafeBufferPointer { buffer in
                var found: [UInt32] = []
                var position = 0
                while position < buffer.count { found.append(UTF8Text.next(buffer, &position)) }
                #expect(found == expected, "\(bytes)")
                #expect(
                    (UTF8Validation.firstInvalidOffset(in: buffer) == nil)
                        == (String(validating: bytes, as: UTF8.self) != nil))
            }
        }
    }
}

struct PieceTrieTests {
    @Test("what was put in is found, what was not is not, across growth")
    func lookups() {
        var trie = PieceTrie(byteCount: 0)
        let second = trie.addRoot()
        let words = (0..<3_000).map { Array("\($0 &* 7919 % 65_537)".utf8) }
        for (index, word) in words.enumerated() {
            #expect(trie.insert(word, from: index % 2 == 0 ? PieceTrie.root : second, value: Int32(index)) != nil)
        }
        trie.withReader { reader in
            for (index, word) in words.enumerated() {
                for (root, isHere) in [(PieceTrie.root, index % 2 == 0), (second, index % 2 == 1)] {
                    var node = root
                    for byte in word where node != 0 || root == 0 {
                        node = reader.child(of: node, byte)
                        if node == 0 { break }
                    }
                    let value = node == 0 ? PieceTrie.noValue : reader.value(at: node)
                    #expect((value == Int32(index)) == isHere)
                }
            }
        }
        #expect(trie.insert(words[4], from: PieceTrie.root, value: 9) == 4)
    }
}

struct UnicodeTablesTests {
    private func flags(_ scalar: UInt32) -> ScalarFlags { UnicodeTables.shared.flags[scalar] }

    @Test("some scalars everyone knows")
    func known() {
        #expect(flags(0x20) == .space && flags(0xA0) == .space && flags(0x3000) == .space)
        #expect(flags(0x0A) == .space && flags(0x85) == [.removed, .space] && flags(0x200B) == .removed)
        #expect(flags(0xFFFD) == .removed && flags(0x21) == .punctuation && flags(0x24) == .punctuation)
        #expect(flags(0x301) == .nonspacing && flags(0x4E2D) == .ideograph && flags(0x61) == [])
        #expect(flags(0x41) == .lowercased && flags(0xC4) == [.lowercased, .decomposed])
        #expect(UnicodeTables.shared.lowercaseDifference[0x41] == 32)
        #expect(UnicodeTables.shared.combiningClass[0x302E] == 224)
        #expect(UnicodeTables.graphemes[0x301] == .extendConjunct && UnicodeTables.graphemes[0x200D] == .joiner)
        #expect(UnicodeTables.graphemes[0x94D] == .extendLinker && UnicodeTables.graphemes[0x915] == .consonant)
        #expect(UnicodeTables.graphemes[0x1F469] == .pictographic && UnicodeTables.graphemes[0x10FFFF] == .other)
    }

    @Test("clusters end where Swift's characters end, for texts older than both Unicode versions")
    func clusters() {
        let texts = [
            "e\u{301}x\r\ny", "\u{1112}\u{1161}\u{11AB}\u{1100}가각\u{11A8}", "👩\u{200D}👩\u{200D}👧\u{FE0F}a",
            "\u{600}a\u{301}",
            "नि\u{903}क", "a\u{200D}b", "\u{301}\u{302}", "©\u{200D}®\u{301}",
        ]
        for text in texts {
            let utf8 = Array(text.utf8)
            var ends: [Int] = []
            utf8.withUnsafeBufferPointer { buffer in
                while (ends.last ?? 0) < buffer.count {
                    ends.append(GraphemeClusters.end(buffer, from: ends.last ?? 0))
                }
            }
            var expected: [Int] = []
            for character in text { expected.append((expected.last ?? 0) + character.utf8.count) }
            #expect(ends == expected, "\(text.debugDescription)")
        }
    }
}
