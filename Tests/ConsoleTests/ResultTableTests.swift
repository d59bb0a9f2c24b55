import Testing

@testable import Console

@Suite struct ResultTableTests {
    private func sample() -> ResultTable {
        var table = ResultTable(columns: [
            .init("word"), .init("rank", .integer), .init("score", title: "cosine", .decimal(places: 3)),
        ])
        table.append(["talo", 1, 0.98765])
        table.append(["家族", 1_234_567, .null])
        table.append([.text("e\u{301}te\u{301}"), 12, 1])
        return table
    }

    @Test func columnsLineUpByDisplayWidth() {
        #expect(
            sample().aligned == """
                word       rank  cosine
                ────  ─────────  ──────
                talo          1   0.988
                家族  1,234,567       –
                e\u{301}te\u{301}          12   1.000

                """)
    }

    @Test func aWideTableGoesOnBelow() {
        #expect(sample().folded(width: 24, leading: 1) == sample().aligned)
        #expect(
            sample().folded(width: 21, leading: 1) == """
                word       rank
                ────  ─────────
                talo          1
                家族  1,234,567
                e\u{301}te\u{301}          12

                word  cosine
                ────  ──────
                talo   0.988
                家族       –
                e\u{301}te\u{301}    1.000

                """)
        // Nothing is lost where even two columns are too wide.
        #expect(sample().folded(width: 1, leading: 1) == sample().folded(width: 21, leading: 1))
    }

    /// Text that is wider than its column goes on below in it, and so does a title.
    @Test func whatIsTooWideGoesOnInItsColumn() {
        var table = ResultTable(columns: [
            .init("step"), .init("count", title: "a long title here", .integer), .init("what"),
        ])
        table.append(["one", 12, "words of a sentence that is long"])
        table.append(["two", 3, "a/path/of/one/word/alone"])
        #expect(
            table.folded(width: 22, leading: 1) == """
                step      a long title
                                  here
                ────  ────────────────
                one                 12
                two                  3

                step  what
                ────  ────────────────
                one   words of a
                      sentence that is
                      long
                two   a/path/of/one/wo
                      rd/alone

                """)
        var steps = ResultTable(columns: [.init("step"), .init("state"), .init("time")])
        steps.append(["compare one-checkpoint with-another-one", "unchanged", "0.4 s"], emphasized: true)
        // The first column gives way, where the others then stand beside it.
        #expect(
            steps.folded(width: 38, leading: 1) == """
                step                  state      time
                ────────────────────  ─────────  ─────
                compare               unchanged  0.4 s
                one-checkpoint
                with-another-one

                """)
        let bold = steps.folded(width: 38, leading: 1, colored: true).split(separator: "\n")
        #expect(bold.count == 5 && bold[2...].allSatisfy { $0.hasPrefix("\u{1B}[1m") && $0.hasSuffix("\u{1B}[0m") })
        // Else it gives way to the widest of them alone; a file gets it as it is.
        #expect(
            steps.folded(width: 28, leading: 1) == """
                step               state
                ─────────────────  ─────────
                compare            unchanged
                one-checkpoint
                with-another-one

                step               time
                ─────────────────  ─────
                compare            0.4 s
                one-checkpoint
                with-another-one

                """)
        #expect(steps.aligned.contains("compare one-checkpoint with-another-one  unchanged  0.4 s\n"))
    }

    @Test func csvQuotesWhatNeedsIt() {
        var table = ResultTable(columns: [.init("text"), .init("value", .decimal(places: 1))])
        table.append(["plain", 0.1])
        table.append(["a,b", 2])
        table.append(["say \"hi\"", .null])
        table.append(["two\nlines", .number(.nan)])
        #expect(
            table.commaSeparated(raw: false)
                == "text,value\nplain,0.1\n\"a,b\",2\n\"say \"\"hi\"\"\",\n\"two\nlines\",\n")
    }

    @Test func csvIsTextToASpreadsheet() {
        var table = ResultTable(columns: [.init("text"), .init("value", .decimal(places: 1))])
        for text in ["=1+1", "@SUM(1)", "+x", "-ness", "-0.5", "+1e-5", "-1.", "a=b", "'=x"] {
            table.append([.text(text), -0.5])
        }
        let expected = ["'=1+1", "'@SUM(1)", "'+x", "'-ness", "-0.5", "+1e-5", "'-1.", "a=b", "'=x"]
        #expect(table.commaSeparated(raw: false) == "text,value\n" + expected.map { $0 + ",-0.5\n" }.joined())
        #expect(table.commaSeparated(raw: true).contains("\n=1+1,-0.5\n@SUM(1),-0.5\n+x,"))
    }

    @Test func jsonLinesKeepColumnOrderAndFullPrecision() {
        #expect(
            sample().jsonLines.split(separator: "\n").first
                == "{\"word\":\"talo\",\"rank\":1,\"score\":0.98765}")
    }

    @Test func controlsCannotBreakARow() {
        var table = ResultTable(columns: [.init("text")])
        table.append(["a\u{2028}b\u{1B}[2Jc\u{202E}d"])
        #expect(table.aligned.hasSuffix("a\\u{2028}b\\u{1B}[2Jc\\u{202E}d\n"))
    }
}
