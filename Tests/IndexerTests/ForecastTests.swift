import Foundation
import Store
import TestSupport
import Testing

@testable import Indexer

/// `build --dry-run` says what the build then does, and does nothing.
@Suite struct ForecastTests {
    private let folder: TemporaryFolder
    private let arguments: [String]
    private var store: String { folder.path + "/store" }

    init() throws {
        folder = try TemporaryFolder()
        try TinyCheckpoint().write(to: folder.path + "/model")
        for (language, start) in [("en", 0), ("fi", 200)] {
            let words = (start..<(start + 400)).map { "word\(String($0, radix: 7))" } + [""]
            _ = try folder.write("words/\(language).txt", words.joined(separator: "\n") + "\n")
        }
        _ = try folder.write("fra-eng.tsv", "un chat\tone cat\nun chat\ta cat\n")
        arguments = [
            "build", "--store", folder.path + "/store", "--checkpoint", "tiny=\(folder.path)/model", "--vocabularies",
            folder.path + "/words", "--sentence-pair", "fra-eng=\(folder.path)/fra-eng.tsv", "--json", "--quiet",
        ]
    }

    private func run(_ more: [String] = [], cache: String? = nil) throws -> IndexerProcess.Outcome {
        let outcome = try IndexerProcess.run(
            arguments + more, environment: ["XDG_CACHE_HOME": cache ?? folder.path + "/cache"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }

    private func checkpoint(_ outcome: IndexerProcess.Outcome) throws -> [String: Any] {
        try #require((try outcome.object["checkpoints"] as? [[String: Any]])?.first)
    }

    private func numbers(_ outcome: IndexerProcess.Outcome) throws -> [[Int?]] {
        let collections = try #require(try checkpoint(outcome)["collections"] as? [[String: Any]])
        return collections.filter { $0["state"] as? String != "up to date" }.map { collection in
            ["entries", "rows", "encoded", "shared", "reused"].map { collection[$0] as? Int }
        }
    }

    /// As `indexes` of a clone, which holds a file for Git alone.
    @Test func aFolderWithoutACatalogueHasNothing() throws {
        _ = try folder.write("store/.gitkeep", "")
        #expect(try run(["--dry-run"]).object["needed_bytes"] as? Int ?? 0 > 0)
        #expect(TemporaryFolder.files(in: store, ending: "").count == 1)
        let file = try folder.write("file", "")
        let arguments = ["build", "--store", file] + arguments.dropFirst(3) + ["--dry-run"]
        #expect(try IndexerProcess.run(arguments).status == 66)
    }

    @Test func itIsWhatTheBuildDoes() throws {
        let forecast = try run(["--dry-run"])
        #expect(!FileManager.default.fileExists(atPath: store))
        let built = try run()
        for key in ["sequences", "tokens"] {
            #expect(try checkpoint(forecast)[key] as? Int == checkpoint(built)[key] as? Int)
        }
        #expect(try numbers(forecast) == numbers(built))
        #expect(try numbers(forecast).count == 4)
        let files = TemporaryFolder.files(in: store, ending: ".faiss").values.reduce(0) { $0 + $1.count }
        let said = try #require(try checkpoint(forecast)["file_bytes"] as? Int)
        // Headers are not counted.
        #expect(said <= files && files - said < 1_000 * 12, "\(said) of \(files)")
        #expect(try #require(try forecast.object["needed_bytes"] as? Int) > said)

        // With a longer vocabulary only what is new; nothing in the store changes.
        let words = try folder.read("words/fi.txt")
        _ = try folder.write("words/fi.txt", words + "uusi\nsana\n")
        let before = TemporaryFolder.files(in: store, ending: "")
        let more = try run(["--dry-run"])
        let after = TemporaryFolder.files(in: store, ending: "")
        #expect(Set(before.keys) == Set(after.keys))
        #expect(before.filter { !$0.key.contains("lock") } == after.filter { !$0.key.contains("lock") })
        #expect(try checkpoint(more)["up_to_date"] as? Int == 3)
        let rest = try run()
        #expect(try numbers(more) == numbers(rest))
        #expect(try numbers(more) == [[403, 402, 2, 0, 400]])
        let nothing = try run(["--dry-run"])
        #expect(try numbers(nothing).isEmpty)
        #expect(try checkpoint(nothing)["seconds"] as? Int == 0)
        #expect(try nothing.object["needed_bytes"] as? Int == 0)
    }

    @Test func timeComesFromTheLastMeasuredRate() throws {
        #expect(try checkpoint(run(["--dry-run", "--threads", "3"]))["seconds"] is NSNull)
        let rates = EncodingRates(cacheFolder: folder.path + "/cache")
        func remember(_ tokens: Int, _ seconds: Double, threads: Int) {
            rates.remember(tokens: tokens, seconds: seconds, highestLayer: 2, hiddenSize: 16, threads: threads)
        }
        func rate(_ threads: Int) -> Double? {
            rates.tokensPerSecond(highestLayer: 2, hiddenSize: 16, threads: threads)
        }
        remember(10, 4.9, threads: 3)
        #expect(rate(3) == nil)
        remember(1_000, 10, threads: 3)
        remember(5_000, 10, threads: 2)
        remember(2_000, 10, threads: 3)
        #expect(rate(3) == 200)
        #expect(rate(2) == 500)
        #expect(rates.tokensPerSecond(highestLayer: 1, hiddenSize: 16, threads: 3) == nil)
        let forecast = try checkpoint(run(["--dry-run", "--threads", "3"]))
        let tokens = try #require(forecast["tokens"] as? Int)
        #expect(forecast["seconds"] as? Double == Double(tokens) / 200)
        let text = try IndexerProcess.run(
            arguments.filter { $0 != "--json" } + ["--dry-run", "--threads", "3"],
            environment: ["XDG_CACHE_HOME": folder.path + "/cache"])
        #expect(text.output.contains("of encoding") && text.output.contains("needed"), "\(text.output)")
        // Nonsense in the cache is no rate.
        _ = try folder.write(
            "cache/polylex/encoding-rates",
            "polylex encoding rates 1\nx86-64_fma 2 16 3 nan\nx86-64_fma 2 16 3 -1\n")
        #expect(rate(3) == nil)
    }

    @Test func itIsNoShards() throws {
        let outcome = try IndexerProcess.run(["build", "--plan", folder.path, "--dry-run"])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("`indexer plan`"))
    }
}
