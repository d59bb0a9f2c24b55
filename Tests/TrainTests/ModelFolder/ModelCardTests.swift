import Foundation
import TestSupport
import Testing

@testable import Train

/// README.md of what is written.
@Suite struct ModelCardTests {
    /// A copy of the small model whose card says `head`.
    private func model(in folder: TemporaryFolder, head: String) throws -> String {
        let path = "\(folder.path)/some_model"
        try FileManager.default.copyItem(atPath: "\(SmallRun.fixture)/model", toPath: path)
        try folder.write("some_model/README.md", "---\n\(head)\n---\n# Some model\nlicense: mit\n")
        return path
    }

    @Test func itTellsBaseDataSettingsScoresAndLicence() throws {
        let small = try SmallRun()
        let base = try model(in: small.folder, head: "tags:\n- x\nlicense: cc-by-nc-4.0")
        let outcome = try TrainProcess.run(
            small.arguments("run", ["--model", base, "--epochs", "1", "--learning-rate", "1e-3"]))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let card = try small.folder.read("run/README.md")
        let record = try #require(
            try JSONSerialization.jsonObject(with: small.bytes("run/training.json") ?? Data()) as? [String: Any])
        let model = try #require(record["model"] as? [String: Any])
        let constraints = try #require(record["constraints"] as? [String: Any])
        let checkpoint = try #require(record["checkpoint"] as? [String: Any])
        let pair = try #require((checkpoint["validation"] as? [[String: Any]])?.first)
        let vanilla = try #require((record["vanilla"] as? [[String: Any]])?.first)
        func places(_ value: Any?) throws -> String { String(format: "%.4f", try #require(value as? Double)) }
        for says in [
            "---\nlicense: cc-by-nc-4.0\nlibrary_name: sentence-transformers\n",
            "- \"de\"\n- \"en\"\n- \"fi\"\n- \"it\"\n---\n",
            "# some\\_model, specialised for words", "- base some\\_model: `cc-by-nc-4.0`",
            "SentenceTransformer(\"FOLDER\")", try #require(model["fingerprint"] as? String),
            try #require(constraints["fingerprint"] as? String), "60 pairs of words", "| learning\\_rate | 0.001 |",
            "| en-it | 30 | \(try places(vanilla["mrr"])) | \(try places(pair["mrr"])) | ",
            "left out: en-it.train.tsv.",
        ] { #expect(card.contains(says), "\(says)\n\(card)") }
        #expect(!card.contains(small.folder.path), "folders stand in it by their last names")
        // The last checkpoint has scores of its own.
        #expect(try small.folder.read("run/last/README.md").contains("8 of 8 steps"))
    }

    @Test func withoutValidationOrLicenceItSaysSo() throws {
        let small = try SmallRun()
        for method in ["full", "adapter"] {
            let outcome = try TrainProcess.run(
                small.arguments(method, validation: false, ["--max-steps", "1", "--method", method]))
            #expect(outcome.status == 0, "\(outcome.errors)")
            let card = try small.folder.read("\(method)/README.md")
            #expect(card.contains("It was not validated.") && card.contains("states none"), "\(card)")
            #expect(!card.contains("license:"), "\(card)")
            #expect(card.contains("load_adapter") == (method == "adapter"), "\(card)")
            #expect(card.contains("sentence_transformers import") == (method == "full"), "\(card)")
        }
    }

    @Test func ofAMeanItNamesThePartsAndEachLicence() throws {
        let small = try SmallRun()
        let licensed = try model(in: small.folder, head: "license: mit")
        let other = "\(SmallRun.fixture)/model"
        for (models, head) in [([licensed, licensed], true), ([licensed, other], false)] {
            let outcome = try TrainProcess.run(
                ["interpolate", "--out", "\(small.folder.path)/mean\(head)"] + models.flatMap { ["--model", $0] })
            #expect(outcome.status == 0, "\(outcome.errors)")
            let card = try small.folder.read("mean\(head)/README.md")
            #expect(card.hasPrefix("---\nlicense: mit\n") == head, "\(card)")
            #expect(
                card.contains("| some\\_model | 50.00 % | ") && card.contains("- base some\\_model: `mit`"), "\(card)")
        }
    }

    @Test func namesCannotBreakTheTable() {
        #expect(ModelCard.cell("a|b\n\u{1B}[1m<i>\u{2028}") == "a\\|b  \\[1m\\<i\\> ")
        #expect(
            ModelCard.lastName("/a/b/") == "b" && ModelCard.lastName("x") == "x" && ModelCard.lastName("a/.") == "a")
    }
}
