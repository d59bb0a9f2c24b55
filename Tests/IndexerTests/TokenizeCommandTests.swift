import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Indexer

#if canImport(Glibc)
import Glibc
#endif

/// `indexer tokenize` as a user runs it, and its reading of lines.
@Suite struct TokenizeCommandTests {
    private static let vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhouse\n##s\n\"\n\\\nkäse\nkase\n"

    private func run(_ arguments: [String], input: String) throws -> IndexerProcess.Outcome {
        let folder = try TemporaryFolder()
        try Self.vocabulary.write(toFile: folder.path + "/vocab.txt", atomically: false, encoding: .utf8)
        return try IndexerProcess.run(["tokenize", "--checkpoint", folder.path] + arguments, input: input)
    }

    @Test("a folder of tokenizer files alone is enough; texts come back as they were, also control characters")
    func lines() throws {
        let outcome = try run([], input: "houses\n\n Käse\u{2028}\u{0}\"\\\r\n[SEP] house\nlast")
        #expect(outcome.status == 0 && outcome.errors == "")
        let rows = try outcome.output.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(
            rows.map { $0["text"] as? String } == ["houses", "", " Käse\u{2028}\u{0}\"\\\r", "[SEP] house", "last"])
        #expect(
            rows.map { $0["ids"] as? [Int] } == [[2, 5, 6, 3], [2, 3], [2, 10, 7, 8, 3], [2, 3, 5, 3], [2, 1, 3]])
        #expect(rows.map { $0["skipped"] as? String } == [nil, "empty", nil, "separator", nil])
    }

    @Test("--json is accepted, as by every command, and changes nothing")
    func json() throws {
        let plain = try run([], input: "houses\n")
        let json = try run(["--json", "--quiet"], input: "houses\n")
        #expect(json.status == 0 && json.errors == "" && json.output == plain.output && !json.output.isEmpty)
    }

    @Test func pairs() throws {
        let outcome = try run(["--pair"], input: "house\thouses\ta\n")
        #expect(
            outcome.output
                == #"{"text":"house","pair":"houses\ta","ids":[2,5,3,5,6,1,3],"type_ids":[0,0,0,1,1,1,1]}"# + "\n")
        let broken = try run(["--pair"], input: "house\tx\nhouse\n")
        #expect(broken.status == ExitStatus.badInput.rawValue)
        #expect(broken.errors.contains("standard input, line 2") && broken.errors.contains("no tab"))
        // What came before the broken line is not lost.
        #expect(broken.output.split(separator: "\n").count == 1)
    }

    @Test func wrongFolder() throws {
        let folder = try TemporaryFolder()
        let empty = try IndexerProcess.run(["tokenize", "--checkpoint", folder.path], input: "x\n")
        #expect(empty.status == ExitStatus.missingInput.rawValue && empty.errors.contains("no tokenizer found"))
        let missing = try IndexerProcess.run(["tokenize", "--checkpoint", folder.path + "/x"], input: "x\n")
        #expect(missing.status == ExitStatus.missingInput.rawValue)
    }
}
