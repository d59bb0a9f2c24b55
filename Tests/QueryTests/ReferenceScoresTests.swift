import Foundation
import TestSupport
import Testing

@testable import Query
@testable import Store

/// Scores against tools/parity/reference-scores, an independent computation in Python (numpy, scipy).
@Suite struct ReferenceScoresTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// Seeded words in three languages, two layers, a dictionary each way, and one sentence set. Some words share a
    /// vector.
    private func fixture() throws -> QueryFixture {
        var random = SeededGenerator(state: 2024)
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint("seeded", hiddenSize: 6, layerCount: 3)
        func rows(_ count: Int, near: [[Float]]? = nil) -> [[Float]] {
            (0..<count).map { row in
                (0..<6).map { column in random.unit() + (near.map { $0[row][column] * 1.2 } ?? 0) }
            }
        }
        var first: [Int: [[Float]]] = [:]
        for language in ["de", "en", "fi"] {
            var layers: [Int: [[Float]]] = [:]
            for layer in [0, 3] {
                var vectors = rows(200, near: first[layer])
                for copy in [20, 60, 150] { vectors[copy] = vectors[10] }
                layers[layer] = vectors
                if first[layer] == nil { first[layer] = vectors }
            }
            try fixture.publish(
                "words/\(language)", (0..<200).map { "\(language)\($0)" }, layers: layers, checkpoint: checkpoint,
                codec: .fp16)
        }
        for (source, target) in [("en", "fi"), ("fi", "de")] {
            let lines = (0..<120).map { _ -> String in
                let row = random.next() % 210
                let word = row % 7 == 0 ? "\(source)\(row)".uppercased() : "\(source)\(row)"
                return "\(word)\t\(target)\(random.next() % 9 == 0 ? random.next() % 200 : row)\n"
            }
            try fixture.file("d/\(source)-\(target).test.tsv", lines.joined())
        }
        let english = rows(80)
        try fixture.publish(
            "sentences/deu-eng/eng", (0..<80).map { "sentence \($0)" }, layers: [3: english], checkpoint: checkpoint,
            codec: .fp16)
        try fixture.publish(
            "sentences/deu-eng/deu", (0..<80).map { "Satz \($0)" }, layers: [3: rows(80, near: english)],
            checkpoint: checkpoint, codec: .fp16)
        return fixture
    }

    private func scores(_ fixture: QueryFixture) throws -> [String: QueryProcess.Outcome] {
        [
            "bli": try QueryProcess.run([
                "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--json", "--quiet",
            ]),
            "tatoeba": try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder, "--json", "--quiet"]),
        ]
    }

    /// The tool's rows for this very fixture are committed: Fixtures/reference-scores.jsonl.
    @Test func agreesWithTheCommittedReference() throws {
        let fixture = try fixture()
        let golden = try String(
            contentsOfFile: Self.root + "/Tests/QueryTests/Fixtures/reference-scores.jsonl", encoding: .utf8)
        var compared = 0
        let found = try scores(fixture)
        for line in golden.split(separator: "\n") {
            let expected = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let task = try #require(expected["task"] as? String)
            let row = try #require(
                try found[task]?.rows.first {
                    $0["pair"] as? String == expected["pair"] as? String
                        && $0["layer"] as? Int == expected["layer"] as? Int
                })
            for (key, value) in expected {
                guard let number = value as? Double else { continue }
                let other = try #require(row[key] as? Double, "\(key)")
                #expect(abs(number - other) <= 1e-4, "\(task) \(expected["pair"] ?? "") \(key): \(number), \(other)")
                compared += 1
            }
        }
        #expect(compared == 4 * 8 + 1 * 10)
    }

    /// The tool itself, on vectors exported from the store.
    @Test func agreesWithTheReferenceTool() throws {
        let fixture = try fixture()
        for (task, command) in try scores(fixture).sorted(by: { $0.key < $1.key }) {
            #expect(command.status == 0, "\(command.messages)")
            let path = try fixture.file("\(task).jsonl", command.output)
            let agreeing = try reference(task, fixture, path)
            #expect(agreeing.status == 0, "\(agreeing.output)")
            #expect(agreeing.output.contains(" numbers compared"))
            // A wrong number is found.
            let wrong = command.output.replacingOccurrences(of: "\"pair\":\"en-fi\"", with: "\"pair\":\"en-xx\"")
                .replacingOccurrences(of: "\"accuracy\":0.", with: "\"accuracy\":1.")
            let differing = try reference(task, fixture, try fixture.file("wrong.jsonl", wrong))
            #expect(wrong != command.output && differing.status == 1, "\(differing.output)")
        }
    }

    /// Means of layers, CSLS, centring and the margin: the tool has the formulas of docs/scores.md a second time.
    @Test func whatIsPastThePaperAgreesToo() throws {
        let fixture = try fixture()
        // Sentences that have much in common and little that tells them apart: here the margin decides otherwise than
        // the cosine.
        var random = SeededGenerator(state: 7)
        let english = (0..<90).map { row in (0..<6).map { _ in random.unit() + (row % 9 == 0 ? 2 : 0.5) } }
        let other = english.map { row in row.map { $0 * 0.5 + random.unit() * 0.4 } }
        for (language, rows) in [("eng", english), ("fin", other)] {
            try fixture.publish(
                "sentences/fin-eng/\(language)", (0..<90).map { "\(language) \($0)" }, layers: [3: rows],
                checkpoint: QueryFixture.checkpoint("seeded", hiddenSize: 6, layerCount: 3), codec: .fp16)
        }
        let plain = try scores(fixture)
        let variants: [(task: String, options: [String])] = [
            ("bli", ["--layers", "0,3:mean"]), ("bli", ["--scoring", "csls"]), ("bli", ["--center"]),
            ("bli", ["--layers", "0,3:mean", "--scoring", "csls", "--center"]), ("tatoeba", ["--scoring", "margin"]),
        ]
        for (task, options) in variants {
            var arguments = [task, "--store", fixture.storeFolder, "--json", "--quiet"] + options
            if task == "bli" { arguments += ["--dictionaries", fixture.folder + "/d"] }
            let command = try QueryProcess.run(arguments)
            #expect(command.status == 0, "\(options): \(command.messages)")
            let agreeing = try reference(task, fixture, try fixture.file("rows.jsonl", command.output), options)
            #expect(agreeing.status == 0, "\(options): \(agreeing.output)")
            // It is another number than the plain one, so that agreement means something.
            let headline = task == "bli" ? "mrr" : "accuracy"
            let before = try plain[task]?.rows.compactMap { $0[headline] as? Double }
            let after = try command.rows.compactMap { $0[headline] as? Double }
            #expect(!after.isEmpty && after != before, "\(options)")
        }
    }

    private func reference(
        _ task: String, _ fixture: QueryFixture, _ path: String, _ more: [String] = []
    ) throws -> PythonProcess.Outcome {
        try PythonProcess.run(
            [
                Self.root + "/tools/parity/reference-scores", task, "--store", fixture.storeFolder, "--name", "seeded",
                "--indexer", try IndexerProcess.path(of: "indexer"), "--compare", path,
            ] + (task == "bli" ? ["--dictionaries", fixture.folder + "/d"] : []) + more, withErrors: true)
    }
}
