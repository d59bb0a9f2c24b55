import Fingerprinting
import Foundation
import TestSupport
import Testing

@testable import Query
@testable import Store

@Suite struct BliCommandTests {
    /// Five rows: one with a word nobody has, one upper-case, one repeated. Ranks by hand:
    /// layer 1: dog→koira 1; House→talo 2 (radio, the same vector, stands before it), twice; cat→kissa 1.
    /// layer 2: dog→koira 3 (kissa, dog before it); House→talo 2 (radio is nearer), twice; cat→kissa 3.
    private static let dictionary = "dog\tkoira\nHouse\ttalo\nHouse\ttalo\ncat\tkissa\ndog\thauva\n"

    /// English words in a Finnish list: *house* and *building* stand behind all others, and so does a gold that is one.
    @Test func wordsOfAnotherLanguageStandBehindOnRequest() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 3)
        try fixture.publish(
            "words/en", ["house", "building", "hotel"], layers: [0: [[1, 0.1, 0], [1, 0.2, 0], [0.5, 1, 0]]],
            ranks: [1, 5, 6], checkpoint: checkpoint)
        try fixture.publish("words/de", ["bau"], layers: [0: [[0, 0, 1]]], ranks: [3], checkpoint: checkpoint)
        try fixture.publish(
            "words/fi", ["talo", "hotel", "house", "building", "bau"],
            layers: [0: [[1, 0.5, 0], [0.5, 1, 0], [1, 0.1, 0], [1, 0.2, 0], [1, 0, 0.3]]],
            ranks: [2, 59, 60, 50, 30], checkpoint: checkpoint)
        try fixture.file("d/en-fi.tsv", "house\ttalo\nbuilding\tbuilding\n")
        func bli(_ arguments: [String]) throws -> (mrr: Double?, dataset: String?, messages: String) {
            let run = try QueryProcess.run(
                ["bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--json"] + arguments)
            #expect(run.status == 0, "\(run.messages)")
            let row = try #require(try run.rows.first)
            return (row["mrr"] as? Double, row["dataset"] as? String, run.messages)
        }
        let usual = try bli([])
        // Ranks 4 and 1.
        #expect(usual.mrr == 0.625 && !usual.messages.contains("native"))
        for _ in 0..<2 {
            // Computed, then from the store.
            let own = try bli(["--native", "own"])
            #expect(own.mrr == 0.375 && own.dataset == "d (native own)")
            let said = "--native own: 2 candidates of 1 pair left out, behind all others, as words of another language"
            #expect(own.messages.contains(said + "; golds among them: 1"), "\(own.messages)")
        }
        let any = try bli(["--native", "any"])
        let third = 1.0 / 3
        #expect(any.mrr == (1 + third) / 2)
        #expect(any.messages.contains("--native any: 3 candidates of 1 pair"))
        let scaled = try bli(["--native", "own", "--scoring", "csls"])
        #expect(scaled.dataset == "d (csls, native own)")
        #expect(scaled.messages.contains("golds among them: 1"))
        // The lists of all languages decide what `any` leaves out.
        try fixture.publish("words/de", ["talo"], layers: [0: [[0, 0, 1]]], ranks: [1], checkpoint: checkpoint)
        #expect(try bli(["--native", "any"]).mrr == 0.375)
        #expect(try bli(["--native", "own"]).mrr == 0.375)
    }

    @Test func rowsByHand() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("dictionaries/en-fi.test.tsv", Self.dictionary)
        let command = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/dictionaries", "--store", fixture.storeFolder, "--json",
        ])
        #expect(command.status == 0, "\(command.messages)")
        let rows = try command.rows
        #expect(rows.count == 2)
        for row in rows {
            #expect(row["task"] as? String == "bli" && row["dataset"] as? String == "dictionaries")
            #expect(row["pair"] as? String == "en-fi" && row["checkpoint"] as? String == "mini")
            #expect(row["queries"] as? Int == 4 && row["rows"] as? Int == 5)
            #expect(row["coverage"] as? Double == 0.8)
        }
        #expect(rows.map { $0["layer"] as? Int } == [1, 2])
        #expect(close(rows[0]["mrr"], (1 + 0.5 + 0.5 + 1) / 4))
        #expect(close(rows[0]["mrr_all"], (1 + 0.5 + 0.5 + 1) / 5))
        #expect(close(rows[0]["p1"], 0.5) && close(rows[0]["p5"], 1) && close(rows[0]["p10"], 1))
        #expect(rows[0]["ties"] as? Int == 2 && rows[1]["ties"] as? Int == 0)
        #expect(close(rows[0]["mrr_ties_won"], 1) && close(rows[0]["mrr_ties_lost"], 0.75))
        #expect(close(rows[1]["mrr"], (1.0 / 3 + 0.5 + 0.5 + 1.0 / 3) / 4))
        #expect(
            command.output.hasPrefix(
                #"{"task":"bli","dataset":"dictionaries","pair":"en-fi","checkpoint":"mini","#
                    + #""layer":1,"queries":4,"coverage":0.8,"mrr":0.75,"mrr_all":0.6,"p1":0.5,"p5":1,"p10":1,"ties":2,"#
            ))
    }

    @Test func theSameCodecRulesHoldForHalfPrecision() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 2)
        try fixture.publish(
            "words/en", ["a", "b"], layers: [0: [[1, 0.3], [0.2, 1]]], checkpoint: checkpoint, codec: .fp16)
        try fixture.publish(
            "words/fi", ["x", "y"], layers: [0: [[1, 0.3], [0.2, 1]]], checkpoint: checkpoint, codec: .fp16)
        try fixture.file("d/en-fi.tsv", "a\tx\nb\ty\na\ty\n")
        let rows = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--json",
        ])
        .rows
        #expect(rows.count == 1 && close(rows[0]["mrr"], 2.5 / 3))
    }

    @Test func resultsAreKeptAndNotComputedAgain() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("dictionaries/en-fi.test.tsv", Self.dictionary)
        let arguments = [
            "bli", "--dictionaries", fixture.folder + "/dictionaries", "--store", fixture.storeFolder, "--json",
        ]
        let first = try QueryProcess.run(arguments)
        #expect(!first.messages.contains("from the store"))
        let stored = try fixture.store.results(task: "bli", checkpoint: "mini")
        #expect(stored.count == 2 && stored.allSatisfy { $0.provenance["policy"]?.hasPrefix("bli 2") == true })

        let second = try QueryProcess.run(arguments)
        #expect(second.output == first.output)
        #expect(second.messages.contains("all 2 results are from the store"))
        #expect(try fixture.store.results(task: "bli", checkpoint: "mini").map(\.created) == stored.map(\.created))

        // A dictionary that says something else, and vectors that are others, are other results.
        try fixture.file("dictionaries/en-fi.test.tsv", Self.dictionary + "blue\tsininen\n")
        let third = try QueryProcess.run(arguments)
        #expect(!third.messages.contains("from the store"))
        #expect(try third.rows.allSatisfy { $0["queries"] as? Int == 5 })

        let again = try QueryProcess.run(arguments + ["--recompute"])
        #expect(!again.messages.contains("from the store") && again.output == third.output)
    }

    /// Ten languages of random words: whatever the number of threads, the same bytes.
    @Test func threadsDoNotChangeTheOutput() throws {
        var random = SeededGenerator(state: 5)
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 8)
        for language in ["de", "fi", "it"] {
            let words = (0..<1500).map { "\(language)\($0)" }
            let rows = words.map { _ in (0..<8).map { _ in random.unit() } }
            try fixture.publish(
                "words/\(language)", words, layers: [0: rows, 2: rows], checkpoint: checkpoint, codec: .fp16)
        }
        for pair in [("de", "fi"), ("it", "fi"), ("fi", "de")] {
            let lines = (0..<60).map { _ in
                "\(pair.0)\(random.next() % 1500)\t\(pair.1)\(random.next() % 1500)\n"
            }
            try fixture.file("d/\(pair.0)-\(pair.1).test.tsv", lines.joined())
        }
        let outputs = try ["1", "3", "8"].map { threads in
            try QueryProcess.run([
                "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--json", "--recompute",
                "--threads", threads,
            ]).output
        }
        #expect(outputs[0].split(separator: "\n").count == 6)
        #expect(outputs[0] == outputs[1] && outputs[0] == outputs[2])
    }

    @Test func aDictionaryWhoseLanguageIsNotStoredIsReportedAndLeftOut() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.test.tsv", Self.dictionary)
        try fixture.file("d/en-sw.test.tsv", "dog\tmbwa\n")
        let command = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder,
        ])
        #expect(command.status == 0)
        #expect(command.messages.contains("skipped: mini: d en-sw: no words/sw in the store"))
        #expect(command.output.contains("bli · mini · d · layer 1, the best of 2"))
        #expect(command.output.contains("◀"))

        let only = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--pairs", "en-sw", "--store", fixture.storeFolder,
        ])
        #expect(only.status == 66 && only.output.isEmpty)
        #expect(only.messages.contains("bli: nothing could be evaluated\n  mini: d en-sw: no words/sw in the store"))
    }

    /// Half a rebuild: English has the new weights, Finnish the old ones. Their vectors must not meet.
    @Test func vectorsOfDifferentWeightsAreNeverCompared() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.test.tsv", Self.dictionary)
        let rows: [[Float]] = [[1, 0, 0, 0], [0, 1, 0, 0]]
        try fixture.publish(
            "words/en", ["dog", "cat"], layers: [1: rows],
            checkpoint: QueryFixture.checkpoint(version: 2, hiddenSize: 4))
        let command = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder,
        ])
        #expect(command.status == 66)
        #expect(command.messages.contains("d en-fi: words/fi was encoded with earlier weights; build it again"))
        let translation = try QueryProcess.run(["translate", "dog", "--to", "fi", "--store", fixture.storeFolder])
        #expect(translation.status == 66)
        #expect(translation.messages.contains("words/fi was encoded with earlier weights of 'mini'"))
    }

    @Test func commaSeparatedRows() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.test.tsv", Self.dictionary)
        let command = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--csv", "-", "--layers",
            "2",
            "--dataset", "mine",
        ])
        let lines = command.output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(
            lines[0] == "task,dataset,pair,checkpoint,layer,queries,coverage,mrr,mrr_all,p1,p5,p10,ties,rows,"
                + "mrr_ties_won,mrr_ties_lost,mrr_lower,mrr_upper,p1_lower,p1_upper,p5_lower,p5_upper,"
                + "p10_lower,p10_upper")
        #expect(lines[1].hasPrefix("bli,mine,en-fi,mini,2,4,0.8,"))
        let path = fixture.folder + "/out.csv"
        _ = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--csv", path,
            "--layers", "2", "--dataset", "mine",
        ])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == command.output)
    }

    @Test func mistakesAreNamed() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.test.tsv", Self.dictionary)
        let folder = fixture.folder + "/d"
        func messages(_ arguments: [String], status: Int32) throws -> String {
            let command = try QueryProcess.run(["bli", "--store", fixture.storeFolder] + arguments)
            #expect(command.status == status, "\(arguments): \(command.status) \(command.messages)")
            #expect(command.output.isEmpty)
            return command.messages
        }
        #expect(
            try messages(["--dictionaries", folder, "--checkpoint", "mimi"], status: 66)
                .contains("no checkpoint 'mimi'; did you mean 'mini'?; stored: mini"))
        #expect(
            try messages(["--dictionaries", folder, "--pairs", "en-fr"], status: 66)
                .contains("no pair 'en-fr'; did you mean 'en-fi'?; there are: en-fi"))
        #expect(
            try messages(["--dictionaries", folder, "--layers", "9"], status: 66)
                .contains("none of the layers asked for is stored for both languages; stored for both: 1, 2"))
        #expect(try messages(["--dictionaries", folder, "--layers", "3-1"], status: 64).contains("--layers"))
        #expect(
            try messages(["--dictionaries", folder + "/none"], status: 66).contains("/none: no such file or folder"))
        #expect(try messages([], status: 64).contains("--dictionaries"))
        #expect(try messages(["--dictionaries", folder, "--json", "--csv", "-"], status: 64).contains("--csv a file"))
        let missing = try QueryProcess.run(["bli", "--store", fixture.folder + "/none", "--dictionaries", folder])
        #expect(missing.status == 66 && missing.messages.contains("/none: no such store"))
        #expect(!FileManager.default.fileExists(atPath: fixture.folder + "/none"))
    }

    @Test func aReadOnlyStoreStillEvaluatesAndSaysThatResultsAreNotKept() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.test.tsv", Self.dictionary)
        let items =
            [fixture.folder, fixture.storeFolder]
            + (FileManager.default.enumerator(atPath: fixture.storeFolder)?.allObjects as? [String] ?? [])
            .map { fixture.storeFolder + "/" + $0 }
        for item in items {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: item, isDirectory: &isFolder)
            try FileManager.default.setAttributes(
                [.posixPermissions: isFolder.boolValue ? 0o555 : 0o444], ofItemAtPath: item)
        }
        let command = try QueryProcess.run(
            ["bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--json"],
            asNobody: getuid() == 0)
        for item in items {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: item, isDirectory: &isFolder)
            try FileManager.default.setAttributes(
                [.posixPermissions: isFolder.boolValue ? 0o755 : 0o644], ofItemAtPath: item)
        }
        #expect(command.status == 0, "\(command.messages)")
        #expect(try command.rows.count == 2)
        #expect(
            command.messages.contains("the store cannot be written (Permission denied), so these results were not kept")
        )
        #expect(try fixture.store.results(task: "bli", checkpoint: "mini").isEmpty)
    }

    private func close(_ value: Any?, _ expected: Double) -> Bool {
        guard let value = value as? Double else { return false }
        return abs(value - expected) < 1e-12
    }
}
