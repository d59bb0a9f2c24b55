import Foundation
import TestSupport
import Testing

@testable import Train

@Suite struct SearchCommandTests {
    private func search(_ small: SmallRun, _ more: [String] = []) throws -> TrainProcess.Outcome {
        var arguments = small.arguments("grid", ["--epochs", "2"])
        arguments[0] = "search"
        // The grid takes the place of --batch-size.
        if let at = arguments.firstIndex(of: "--batch-size") { arguments.removeSubrange(at...(at + 1)) }
        return try TrainProcess.run(
            arguments + ["--learning-rates", "1e-3,1e-4", "--batch-sizes", "8,16"] + more)
    }

    @Test func everyCellIsTrainedOnceAndTheBestIsNamed() throws {
        let small = try SmallRun()
        let first = try search(small, ["--json"])
        #expect(first.status == 0, "\(first.errors)")
        let document = try #require(try JSONSerialization.jsonObject(with: Data(first.output.utf8)) as? [String: Any])
        let cells = try #require(document["cells"] as? [[String: Any]])
        #expect(cells.compactMap { $0["learning_rate"] as? Double } == [1e-3, 1e-3, 1e-4, 1e-4])
        #expect(cells.compactMap { $0["batch_size"] as? Int } == [8, 16, 8, 16])
        let gains = cells.compactMap { $0["gain"] as? Double }
        let best = try #require(gains.indices.max { gains[$0] < gains[$1] })
        #expect(document["best"] as? String == cells[best]["folder"] as? String)
        let folder = try #require(document["best"] as? String)
        #expect(FileManager.default.fileExists(atPath: folder + "/model.safetensors"))
        // One cell is what 'train specialize' gives.
        let alone = try TrainProcess.run(
            small.arguments("alone", ["--epochs", "2", "--learning-rate", "1e-4"]))
        #expect(alone.status == 0)
        #expect(
            small.bytes("alone/model.safetensors") == small.bytes("grid/lr-0.0001-batch-8-seed-0/model.safetensors"))

        // Again: nothing is trained, the table is the same.
        let written = small.bytes("grid/lr-0.001-batch-8-seed-0/metrics.jsonl")
        let second = try search(small)
        #expect(second.status == 0 && !second.errors.contains("vanilla:"), "\(second.errors)")
        #expect(second.output.contains("best: rate") && second.output.contains("lr-0.0001-batch-16-seed-0"))
        #expect(small.bytes("grid/lr-0.001-batch-8-seed-0/metrics.jsonl") == written)
    }

    /// Cells share what was read, but each cuts words by its own seed.
    @Test func aCellOfAnotherSeedIsWhatSpecializeGives() throws {
        let small = try SmallRun()
        let more = ["--piece-dropout", "0.3", "--pairs-per-synset", "2", "--model", try small.modelWithLongerPieces()]
        let outcome = try search(small, more + ["--learning-rates", "1e-3", "--batch-sizes", "8", "--seeds", "1,2"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let alone = try TrainProcess.run(
            small.arguments("alone", ["--epochs", "2", "--learning-rate", "1e-3", "--seed", "2"] + more))
        #expect(alone.status == 0, "\(alone.errors)")
        let weights = small.bytes("grid/lr-0.001-batch-8-seed-2/last/model.safetensors")
        #expect(weights != nil && weights == small.bytes("alone/last/model.safetensors"))
    }

    @Test func aCellThatDivergesIsARowAndNotTheEnd() throws {
        let small = try SmallRun()
        let outcome = try search(small, ["--learning-rates", "1e38,1e-3", "--batch-sizes", "8"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("is not a number any more"))
        #expect(outcome.output.contains("1e+38") && outcome.output.contains("best: rate 0.001"), "\(outcome.output)")
    }

    /// Cells as jobs of their own, in any order: the same choice as that of one search, and nothing is chosen before
    /// all are there.
    @Test func cellsOneByOneAreTheSearch() throws {
        let small = try SmallRun()
        let count = try search(small, ["--cells"])
        #expect(count.status == 0 && count.output == "4\n", "\(count.errors)")
        #expect(!FileManager.default.fileExists(atPath: small.folder.path + "/grid"))
        for (done, cell) in [2, 0, 3].enumerated() {
            let outcome = try search(small, ["--cell", "\(cell)", "--json"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try cells(outcome).count == 1)
            let early = try search(small, ["--choose"])
            #expect(early.status == 75, "\(early.errors)")
            #expect(early.errors.contains("\(3 - done) of 4 cells are not done"), "\(early.errors)")
        }
        let early = try search(small, ["--choose", "--quiet"])
        #expect(early.errors.contains("not done: 1; train them") && early.output.isEmpty, "\(early.errors)")
        #expect(try search(small, ["--cell", "1"]).status == 0)
        let written = small.bytes("grid/lr-0.001-batch-8-seed-0/metrics.jsonl")
        let chosen = try search(small, ["--choose", "--json"])
        #expect(chosen.status == 0, "\(chosen.errors)")
        // A search that finds them done says the same; so does one that trains them all, but for the folder's name.
        #expect(try search(small, ["--json"]).output == chosen.output)
        #expect(small.bytes("grid/lr-0.001-batch-8-seed-0/metrics.jsonl") == written)
        let whole = try search(small, ["--json", "--out", small.folder.path + "/whole"])
        #expect(whole.output == chosen.output.replacingOccurrences(of: "/grid", with: "/whole"))

        // Other settings than the cells': refused, naming them.
        let other = try search(small, ["--choose", "--temperature", "0.5"])
        #expect(other.status == 64 && other.errors.contains("other settings"), "\(other.errors)")
        for (more, says) in [(["--cell", "4"], "0 to 3, found 4"), (["--cell", "1", "--choose"], "exclude")] {
            let outcome = try search(small, more)
            #expect(outcome.status == 64 && outcome.errors.contains(says), "\(outcome.errors)")
        }
    }

    @Test func aCellThatDivergedAloneIsDone() throws {
        let small = try SmallRun()
        let grid = ["--learning-rates", "1e38,1e-3", "--batch-sizes", "8"]
        let alone = try search(small, grid + ["--cell", "0"])
        #expect(alone.status == 0 && alone.errors.contains("is not a number any more"), "\(alone.errors)")
        #expect(try search(small, grid + ["--choose"]).errors.contains("1 of 2 cells are not done: 1;"))
        #expect(try search(small, grid + ["--cell", "1"]).status == 0)
        let chosen = try search(small, grid + ["--choose", "--json"])
        #expect(chosen.status == 0, "\(chosen.errors)")
        #expect((try cells(chosen)[0]["diverged"] as? String)?.contains("is not a number any more") == true)
    }

    private func cells(_ outcome: TrainProcess.Outcome) throws -> [[String: Any]] {
        let document = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        return try #require(document?["cells"] as? [[String: Any]])
    }

    @Test func listsAreChecked() {
        #expect(NumberList<Double>(argument: "1e-3, 2e-5")?.values == [1e-3, 2e-5])
        for text in ["", "1e-3,", "x", "1,1"] { #expect(NumberList<Double>(argument: text) == nil, "\(text)") }
        #expect(NumberList<Int>(argument: "32,64")?.values == [32, 64])
    }
}
