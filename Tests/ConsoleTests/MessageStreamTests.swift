import Synchronization
import Testing

@testable import Console

@Suite struct MessageStreamTests {
    private final class Screen: Sendable {
        let text = Mutex("")
        func stream(isTerminal: Bool) -> MessageStream {
            MessageStream(isTerminal: isTerminal, width: { 80 }, sink: { more in self.text.withLock { $0 += more } })
        }
    }

    /// Whatever a file is called or holds, a message about it is one line of plain text.
    @Test func nothingFromAFileReachesTheTerminalRaw() {
        let screen = Screen()
        let stream = screen.stream(isTerminal: true)
        stream.showStatus("encoding words/\u{1B}]0;pwned\u{07}")
        stream.say("\u{1B}[31mconfig.json\r\nindexer: all is well\u{9B}2J\u{202E}")
        stream.showStatus("")
        let expected =
            "\r\u{1B}[Kencoding words/\\u{1B}]0;pwned\\u{7}"
            + "\r\u{1B}[K\\u{1B}[31mconfig.json\\u{D}\\u{A}indexer: all is well\\u{9B}2J\\u{202E}\n"
            + "encoding words/\\u{1B}]0;pwned\\u{7}" + "\r\u{1B}[K"
        #expect(screen.text.withLock { $0 } == expected)
    }

    @Test func furtherLinesOfAMessageAreIndented() {
        let screen = Screen()
        screen.stream(isTerminal: false).say("nothing to do\n  en-sw: no words\n  en-xx: no\u{1B}words\nquery: done")
        #expect(
            screen.text.withLock { $0 }
                == "nothing to do\n  en-sw: no words\n  en-xx: no\\u{1B}words\\u{A}query: done\n")
    }

    @Test func wordsOfEveryScriptStayAsTheyAre() {
        let screen = Screen()
        screen.stream(isTerminal: false).say("шалом שָׁלוֹם 漢字 क्षि – \u{200D}\u{200F}")
        #expect(screen.text.withLock { $0 } == "шалом שָׁלוֹם 漢字 क्षि – \u{200D}\u{200F}\n")
    }

    /// One letter with a million accents is one character: cutting by characters leaves it whole.
    @Test func aMessageDoesNotQuoteWithoutEnd() {
        let screen = Screen()
        screen.stream(isTerminal: false).say("a" + String(repeating: "\u{301}", count: 1_000_000))
        let said = screen.text.withLock { $0 }
        #expect(said.utf8.count < 9000 && said.hasSuffix("… (1991809 bytes more)\n"))
        screen.stream(isTerminal: false).say(String(repeating: "b", count: MessageStream.longestMessage))
        let whole = String(repeating: "b", count: MessageStream.longestMessage) + "\n"
        #expect(screen.text.withLock { $0 }.hasSuffix(whole))
    }
}
