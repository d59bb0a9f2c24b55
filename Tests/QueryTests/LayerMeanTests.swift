import Encoder
import Evaluation
import Foundation
import TestSupport
import Testing

@testable import Lookup
@testable import Query
@testable import Store

/// `--layers 0-8:mean` and the scorings past the paper: how they are asked, kept and shown. What they compute is
/// compared in `ReferenceScoresTests`.
@Suite struct LayerMeanTests {
    private func fixture() throws -> QueryFixture {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.test.tsv", "dog\tkoira\nHouse\ttalo\ncat\tkissa\n")
        return fixture
    }

    private func bli(_ fixture: QueryFixture, _ more: [String]) throws -> QueryProcess.Outcome {
        try QueryProcess.run(["bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder] + more)
    }

    @Test func aMeanIsALayerOfItsOwnInRowsTablesAndOnTheLeaderboard() throws {
        let fixture = try fixture()
        let plain = try bli(fixture, ["--json"])
        let mean = try bli(fixture, ["--layers", "1,2:mean", "--json"])
        #expect(mean.status == 0, "\(mean.messages)")
        #expect(try mean.rows.map { $0["layer"] as? String } == ["1-2:mean"])
        #expect(mean.output.contains("\"layer\":\"1-2:mean\",\"queries\":3"))
        // Written another way it is the same result, found in the store; the plain layers are still there too.
        let again = try bli(fixture, ["--layers", "1-2:mean", "--json"])
        #expect(again.output == mean.output && again.messages.contains("the result is from the store"))
        #expect(try bli(fixture, ["--json"]).messages.contains("all 2 results are from the store"))
        #expect(try bli(fixture, ["--layers", "1-2:mean"]).output.contains("layer 1-2:mean, the best of 1"))
        let csv = try bli(fixture, ["--layers", "1-2:mean", "--csv", "-"])
        #expect(csv.output.contains(",mini,1-2:mean,3,"), "\(csv.output)")

        let stored = try fixture.store.results(task: "bli", checkpoint: "mini")
        #expect(Set(stored.map { $0.mean ?? "-" }) == ["-", "1-2:mean"])
        let board = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder, "--json"]).rows
        // Layer 1 is perfect here; the last layer is a layer and no mean.
        #expect(board.count == 1 && board[0]["layer"] as? Int == 1 && board[0]["last_layer"] as? Int == 2)
        let scores = try (plain.rows + mean.rows).compactMap { $0["mrr"] as? Double }
        #expect(board[0]["score"] as? Double == scores.max())
        let page = fixture.folder + "/report.html"
        #expect(try QueryProcess.run(["report", "--out", page, "--store", fixture.storeFolder]).status == 0)
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains(">1-2:mean</td>"))
        // A question is answered at a stored layer.
        let answer = try QueryProcess.run(["translate", "dog", "--to", "fi", "--store", fixture.storeFolder, "--json"])
        #expect(answer.status == 0 && answer.output.contains("\"layer\":1,"), "\(answer.output)")
    }

    @Test func theMeanOfOneLayerIsThatLayer() throws {
        let fixture = try fixture()
        let one = try bli(fixture, ["--layers", "2", "--json"]).rows,
            mean = try bli(fixture, ["--layers", "2:mean", "--json"]).rows
        #expect(mean.map { $0["layer"] as? String } == ["2:mean"])
        #expect(one[0]["mrr"] as? Double == mean[0]["mrr"] as? Double)
    }

    @Test func aMeanThatLacksALayerIsLeftOutWithTheReason() throws {
        let command = try bli(try fixture(), ["--layers", "0-2:mean"])
        #expect(command.status == 66)
        #expect(
            command.messages.contains(
                "the mean needs layers that are not stored for both languages: 0; stored for both: 1, 2"))
    }

    @Test func otherScoringsAreOtherDataSets() throws {
        let fixture = try fixture()
        for (options, dataset) in [
            (["--scoring", "csls"], "d (csls)"), (["--center"], "d (centred)"),
            (["--scoring", "csls", "--center"], "d (csls, centred)"),
        ] {
            let command = try bli(fixture, options + ["--json"])
            #expect(command.status == 0, "\(command.messages)")
            #expect(try command.rows.map { $0["dataset"] as? String } == [dataset, dataset])
            #expect(try bli(fixture, options + ["--json"]).messages.contains("all 2 results are from the store"))
        }
        #expect(try !bli(fixture, ["--json"]).messages.contains("from the store"))
        let board = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder, "--json"]).rows
        #expect(board.map { $0["dataset"] as? String } == ["d", "d (centred)", "d (csls)", "d (csls, centred)"])
        #expect(try bli(fixture, ["--scoring", "dot"]).status == 64)
    }

    @Test func namesOfMeans() {
        #expect(LayerChoice(argument: "0-8:mean") == .mean(Array(0...8)))
        #expect(LayerChoice(argument: "3,0-1,2:mean") == .mean([0, 1, 2, 3]))
        for text in ["all:mean", ":mean", "0-:mean", "0-8:median", "1:mean,2"] {
            #expect(LayerChoice(argument: text) == nil, "\(text)")
        }
        #expect(LayerChoice.name(ofMean: [0, 1, 2, 5, 7, 8]) == "0-2,5,7-8:mean")
    }

    /// Words from the store and encoded ones in one mean, against the same sums here.
    @Test func similarityOfMeans() throws {
        let fixture = try QueryFixture(), folder = fixture.folder + "/tiny"
        try TinyCheckpoint.ofWords().write(to: folder)
        let checkpoint = try Checkpoint(folder: folder), C = TinyCheckpoint.ofWords().hiddenSize
        let record = QueryFixture.checkpoint(
            "tiny", hiddenSize: C, layerCount: TinyCheckpoint.ofWords().layerCount, source: folder,
            fingerprint: checkpoint.fingerprint)
        let words = ["dog", "house", "blue", "cat", "koira", "talo", "sininen", "kissa"]
        let encoded = try TextEncoder(record, highestLayer: 1, pooling: nil).encode(
            words.map { Array($0.utf8) }, layers: [0, 1], threads: 1)
        func rows(_ layer: Int, _ range: Range<Int>) -> [[Float]] {
            range.map { Array(UnsafeBufferPointer(start: encoded.row(layer: layer, text: $0), count: C)) }
        }
        try fixture.publish(
            "words/en", Array(words[..<2]), layers: [0: rows(0, 0..<2), 1: rows(1, 0..<2)], checkpoint: record)
        let pairs = [(0, 4, 5.9), (1, 5, 2.5), (2, 6, 5), (3, 7, 1), (0, 5, 3), (2, 4, 0.2)]
        try fixture.file(
            "pairs/ENG-FIN.csv",
            "ID,ENG,FIN,PoS,score\n"
                + pairs.enumerated().map { "\($0),\(words[$1.0]),\(words[$1.1]),n,\($1.2)\n" }.joined())
        let command = try QueryProcess.run([
            "xlsim", "--pairs", fixture.folder + "/pairs", "--store", fixture.storeFolder, "--layers", "0-1:mean",
            "--json",
        ])
        #expect(command.status == 0, "\(command.messages)")
        let row = try #require(try command.rows.first)
        let layers = try (0...1).map { try VectorMatrix(name: "layer", rows($0, 0..<words.count)) }
        let sums = try VectorMatrix(
            name: "sum", words.indices.map { w in (0..<C).map { layers[0].row(w)[$0] + layers[1].row(w)[$0] } })
        let expected = SpearmanCorrelation(pairs.map { sums.innerProduct($0.0, $0.1) }, pairs.map(\.2)).rho
        let found = try #require(row["rho"] as? Double)
        #expect(row["layer"] as? String == "0-1:mean" && abs(found - expected) < 1e-9, "\(found), \(expected)")
        #expect(row["encoded"] as? Int == 6)
    }
}
