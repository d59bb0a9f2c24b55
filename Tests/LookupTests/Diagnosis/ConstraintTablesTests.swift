import Foundation
import TestSupport
import Testing

@testable import Lookup

#if canImport(Glibc)
import Glibc
#endif

/// What can be known of a checkpoint's constraints, and when it has to be said that it cannot.
@Suite struct ConstraintTablesTests {
    private static func word(_ text: String, _ language: String?) -> RankExplanation.Word {
        .init(text: text, language: language, matched: text, frequencyRank: 1)
    }

    private func evidence(_ training: String?, path: String? = nil, from: String? = "en") throws -> ConstraintEvidence {
        try ConstraintTables(path: path).evidence(
            of: Self.word("dog", from), Self.word("koira", "fi"), in: training)
    }

    private func reason(_ evidence: ConstraintEvidence) -> String {
        if case .unknown(let reason) = evidence { return reason }
        return ""
    }

    private static let header = "lang1\tword1\tlang2\tword2\tsynset_id\n"

    @Test func partsOfAnInterpolatedCheckpointAreReadOnceEach() throws {
        let fixture = try QueryFixture()
        let first = try fixture.file("a.tsv", Self.header + "en\tdog\tfi\tkoira\ts\n")
        let second = try fixture.file("b.tsv", Self.header + "de\tHund\tfi\tkoira\ts\nde\tdog\tfr\tx\ts\n")
        func training(_ path: String) -> String { #"{"constraints":{"path":"\#(path)"}}"# }
        func quoted(_ text: String) -> String { text.replacingOccurrences(of: "\"", with: "\\\"") }
        let parts =
            [first, second, first].map { #"{"training":"\#(quoted(training($0)))"}"# } + [#"{"training":null}"#]
        let mean = #"{"interpolation":{"models":[\#(parts.joined(separator: ","))]}}"#
        guard case .known(let tables) = try evidence(mean) else { throw TestSupportError(description: "not known") }
        #expect(tables.map(\.path) == [first, second] && tables.map(\.rows) == [1, 2])
        #expect(tables.map(\.queryRows) == [1, 0] && tables.map(\.goldRows) == [1, 1])
        #expect(tables.map(\.bothRows) == [1, 0] && tables.map(\.leftOut) == [0, 0])
        // Without a language the word counts in any.
        guard case .known(let any) = try evidence(training(second), from: nil) else {
            throw TestSupportError(description: "not known")
        }
        #expect(any[0].queryRows == 1)
    }

    @Test func whatCannotBeKnownIsSaid() throws {
        let fixture = try QueryFixture()
        #expect(reason(try evidence(nil)).contains("no training.json"))
        #expect(reason(try evidence("{")).contains("no JSON document"))
        #expect(reason(try evidence(#"{"settings":{}}"#)).contains("names no table"))
        #expect(reason(try evidence(#"{"constraints":{"path":"/nowhere/x.tsv"}}"#)).contains("/nowhere/x.tsv"))
        let path = try fixture.file("a.tsv", Self.header + "en\tdog\tfi\tkoira\ts\n")
        let other = try evidence(#"{"constraints":{"path":"\#(path)","rows":{"read":7}}}"#)
        #expect(reason(other).contains("has 1 row now, training read 7"))
        let malformed = try fixture.file("b.tsv", Self.header + "en\tdog\tfi\n")
        #expect(reason(try evidence(#"{"constraints":{"path":"\#(malformed)"}}"#)).contains("b.tsv"))
        // A record from a stranger may name a pipe, which would be waited for.
        let pipe = fixture.folder + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(reason(try evidence(#"{"constraints":{"path":"\#(pipe)"}}"#)).contains("regular file"))
    }
}
