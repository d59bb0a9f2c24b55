import Synchronization
import Testing

@testable import Console

@Suite struct ColorChoiceTests {
    private final class Screen: Sendable {
        let text = Mutex("")
        func stream(isColored: Bool) -> MessageStream {
            MessageStream(
                isTerminal: true, isColored: isColored, width: { 80 },
                sink: { more in self.text.withLock { $0 += more } })
        }
    }

    @Test func theLastValueThatIsOneCounts() {
        #expect(ColorChoice.typed(["query", "bli"]) == .auto)
        #expect(ColorChoice.typed(["--color", "never", "--color=always"]) == .always)
        #expect(ColorChoice.typed(["--color", "sometimes"]) == .auto)
        #expect(ColorChoice.typed(["--", "--color=always"]) == .auto)
        #expect(ColorChoice.typed(["--color"]) == .auto)
    }

    @Test func autoIsATerminalWithoutNoColor() {
        #expect(ColorChoice.auto.colors(isTerminal: true, noColor: ""))
        #expect(!ColorChoice.auto.colors(isTerminal: true, noColor: "1"))
        #expect(!ColorChoice.auto.colors(isTerminal: false, noColor: ""))
        #expect(ColorChoice.always.colors(isTerminal: false, noColor: "1"))
        #expect(!ColorChoice.never.colors(isTerminal: true, noColor: ""))
    }

    /// What a message quotes stays escaped; the style does not reach over a line's end.
    @Test func messagesAreStyledLineByLine() {
        let colored = Screen(), plain = Screen()
        colored.stream(isColored: true).say("a \u{1B}[2J\n  b", style: .red)
        colored.stream(isColored: true).say("c")
        let red = "\u{1B}[31m", end = "\u{1B}[0m"
        #expect(colored.text.withLock { $0 } == "\(red)a \\u{1B}[2J\(end)\n  \(red)b\(end)\nc\n")
        plain.stream(isColored: false).say("a", style: .red)
        #expect(plain.text.withLock { $0 } == "a\n")
    }

    @Test func theBestRowIsBoldAndAsWideAsBefore() {
        var table = ResultTable(columns: [.init("layer", .integer), .init("score", .decimal(places: 2))])
        table.append([.integer(1), .number(0.25)])
        table.append([.integer(2), .number(0.5)], emphasized: true)
        let lines = table.aligned(colored: true).split(separator: "\n")
        #expect(lines[3] == "\u{1B}[1m    2   0.50\u{1B}[0m")
        #expect(table.aligned == table.shown)
        #expect(table.folded(width: 8, leading: 1, colored: true).contains("\u{1B}[1m    2   0.50\u{1B}[0m"))
    }
}
