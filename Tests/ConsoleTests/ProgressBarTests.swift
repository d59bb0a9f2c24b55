import Synchronization
import Testing

@testable import Console

/// A stream that remembers and a clock that is set by hand.
private final class Stage: Sendable {
    let written = Mutex<String>("")
    let time = Mutex<Double>(0)
    let isTerminal: Bool

    init(isTerminal: Bool) { self.isTerminal = isTerminal }

    var stream: MessageStream {
        MessageStream(isTerminal: isTerminal, width: { 100 }, sink: { text in self.written.withLock { $0 += text } })
    }

    func bar(total: Double) -> ProgressBar {
        ProgressBar(
            title: "encoding", totalWeight: total, itemUnit: "words", weightRate: .init(unit: "GFLOP/s", scale: 1e9),
            stream: stream, clock: { self.time.withLock { $0 } })
    }

    func wait(_ seconds: Double) { time.withLock { $0 += seconds } }
    var text: String { written.withLock { $0 } }
}

@Suite struct ProgressBarTests {
    @Test func plainLinesComeEveryTenSecondsAndAtTheEnd() {
        let stage = Stage(isTerminal: false)
        let bar = stage.bar(total: 100e9)
        bar.phase("words/fi")
        for _ in 0..<25 {
            stage.wait(1)
            bar.advance(weight: 4e9, items: 10)
        }
        bar.finish()
        bar.finish()
        #expect(
            stage.text == """
                encoding words/fi: 40 %, 10.0 words/s, 4.00 GFLOP/s, 15.0 s left
                encoding words/fi: 80 %, 10.0 words/s, 4.00 GFLOP/s, 5.0 s left
                encoding: 100 %, 10.0 words/s, 4.00 GFLOP/s, 25.0 s

                """)
    }

    @Test func workFoundDoneIsNoSpeed() {
        let stage = Stage(isTerminal: false)
        let bar = stage.bar(total: 100e9)
        bar.skip(weight: 50e9)
        stage.wait(10)
        bar.advance(weight: 10e9, items: 100)
        #expect(stage.text == "encoding: 60 %, 10.0 words/s, 1.00 GFLOP/s, 40.0 s left\n")
    }

    @Test func terminalBarIsRedrawnBelowMessages() {
        let stage = Stage(isTerminal: true)
        let bar = stage.bar(total: 10)
        stage.wait(1)
        bar.advance(weight: 5, items: 5)
        #expect(stage.text.hasPrefix("\r\u{1B}[Kencoding  ████"))
        #expect(!stage.text.contains("\n"))
        #expect(DisplayWidth.of(String(stage.text.dropFirst(4))) < 100)
    }

    @Test func aMessageKeepsTheBarBelowIt() {
        let stage = Stage(isTerminal: true)
        let stream = stage.stream
        stream.showStatus("bar")
        stream.say("remark")
        #expect(stage.text == "\r\u{1B}[Kbar\r\u{1B}[Kremark\nbar")
    }

    @Test func emptyJobsAreDone() {
        let stage = Stage(isTerminal: false)
        stage.bar(total: 0).finish()
        #expect(stage.text.hasPrefix("encoding: 100 %"))
    }

    @Test func threadsLoseNothing() async {
        let stage = Stage(isTerminal: false)
        let bar = stage.bar(total: 8000)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<1000 { bar.advance(weight: 1, items: 1) } } }
        }
        stage.wait(8)
        bar.finish()
        #expect(stage.text == "encoding: 100 %, 1,000 words/s, 8.0 s\n")
    }

    @Test func aRateOfZeroIsNotShown() {
        let stage = Stage(isTerminal: false)
        let bar = stage.bar(total: 0)
        stage.wait(2)
        bar.finish()
        #expect(stage.text == "encoding: 100 %, 2.0 s\n")
    }
}
