import Foundation
import TestSupport
import Testing

@testable import Query
@testable import Store

@Suite struct LeaderboardTests {
    /// Two checkpoints with the same words and one evaluation, whose data set's name looks like markup.
    private func fixture() throws -> QueryFixture {
        let fixture = try QueryFixture.words()
        try fixture.publishWords(QueryFixture.checkpoint("alpha", version: 2, hiddenSize: 4))
        try fixture.file("d/en-fi.test.tsv", "dog\tkoira\ncat\tkissa\n")
        let run = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--dataset", "a<b>&c", "--store", fixture.storeFolder,
            "--quiet",
        ])
        #expect(run.status == 0, "\(run.messages)")
        return fixture
    }

    @Test func bestLayersOfAllCheckpoints() throws {
        let fixture = try fixture()
        let rows = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder, "--json"]).rows
        #expect(rows.map { $0["checkpoint"] as? String } == ["alpha", "mini"])
        #expect(
            rows.allSatisfy { $0["layer"] as? Int == 1 && $0["score"] as? Double == 1 && $0["last_layer"] as? Int == 2 }
        )
        #expect(rows.allSatisfy { $0["measure"] as? String == "mrr" && $0["pairs"] as? Int == 1 })
        // Replaced weights: their results say nothing about the new ones.
        try fixture.publishWords(QueryFixture.checkpoint(version: 3, hiddenSize: 4))
        let after = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder])
        #expect(after.output.contains("alpha") && !after.output.contains("mini"))
        #expect(after.messages.contains("2 results of weights that have been replaced are left out"))
    }

    @Test func thePageIsSelfContainedEscapedAndTheSameEveryTime() throws {
        let fixture = try fixture()
        let path = fixture.folder + "/report.html"
        let command = try QueryProcess.run(["report", "--out", path, "--store", fixture.storeFolder])
        #expect(command.status == 0, "\(command.messages)")
        let page = try String(contentsOfFile: path, encoding: .utf8)
        #expect(page.contains("a&lt;b&gt;&amp;c") && !page.contains("a<b>"))
        #expect(page.contains("<svg") && page.contains("mean MRR by layer"))
        #expect(!page.contains("http") && !page.contains("<script"))
        #expect(page.hasSuffix("</html>\n"))
        _ = try QueryProcess.run(["report", "--out", path, "--store", fixture.storeFolder])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == page)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: fixture.folder).sorted() == [
                "d", "report.html", "store",
            ])
        let failing = try QueryProcess.run([
            "report", "--out", fixture.folder + "/none/report.html", "--store", fixture.storeFolder,
        ])
        #expect(failing.status == 66 && failing.messages.contains("no such file or folder"))
    }

    @Test func withoutResults() throws {
        let fixture = try QueryFixture.words()
        for arguments in [["leaderboard"], ["report", "--out", fixture.folder + "/r.html"]] {
            let command = try QueryProcess.run(arguments + ["--store", fixture.storeFolder])
            #expect(command.status == 66 && command.messages.contains("no results are stored yet"))
        }
    }
}
