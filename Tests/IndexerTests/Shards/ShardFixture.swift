import Foundation
import TestSupport
import Testing

@testable import Indexer

/// Two tiny checkpoints, three vocabularies that share words, and a sentence set; a plan over them and what builds it.
struct ShardFixture {
    let folder: TemporaryFolder
    var path: String { folder.path }
    let inputs: [String]

    init() throws {
        folder = try TemporaryFolder()
        try TinyCheckpoint().write(to: folder.path + "/tiny")
        try TinyCheckpoint(layerCount: 3, hiddenSize: 24, seed: 5).write(to: folder.path + "/wide")
        for (language, start, count) in [("de", 0, 700), ("en", 300, 500), ("fi", 600, 300)] {
            let words = (start..<(start + count)).map { "word\(String($0, radix: 7))" } + ["", "word10"]
            _ = try folder.write("words/\(language).txt", words.joined(separator: "\n") + "\n")
        }
        for (language, prefix) in [("fra", "mot"), ("eng", "word")] {
            let lines = (0..<60).map { "\(prefix)\($0) \(prefix)\($0 * 7)" }
            _ = try folder.write("sentences/tatoeba.fra-eng.\(language)", lines.joined(separator: "\n") + "\n")
        }
        inputs = [
            "--checkpoint", "tiny=\(folder.path)/tiny", "wide=\(folder.path)/wide",
            "--vocabularies", folder.path + "/words", "--sentences", folder.path + "/sentences",
        ]
    }

    func run(_ arguments: [String], environment: [String: String?] = [:]) throws -> IndexerProcess.Outcome {
        try IndexerProcess.run(arguments, environment: environment)
    }

    /// The store one build makes.
    func single(_ name: String = "single", _ more: [String] = []) throws -> String {
        let outcome = try run(["build", "--store", "\(path)/\(name)", "--quiet"] + inputs + more)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return "\(path)/\(name)"
    }

    func plan(_ name: String = "plan", shards: Int = 5, _ more: [String] = []) throws -> PlanFolder {
        let outcome = try run(
            ["plan", "--out", "\(path)/\(name)", "--shards", "\(shards)", "--quiet"] + inputs + more)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try PlanFolder("\(path)/\(name)")
    }

    func buildArguments(_ plan: PlanFolder, _ shard: Int, scratch: String = "scratch") -> [String] {
        [
            "build", "--plan", plan.path, "--shard", "\(shard)", "--scratch", "\(path)/\(scratch)",
            "--chunk-sequences", "32", "--batch-tokens", "64",
        ]
    }

    func build(_ plan: PlanFolder, _ shard: Int, scratch: String = "scratch") throws -> IndexerProcess.Outcome {
        try run(buildArguments(plan, shard, scratch: scratch))
    }

    func buildAll(_ plan: PlanFolder) throws {
        for shard in plan.plan.shards.indices {
            let outcome = try build(plan, shard)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }

    func mergeArguments(_ plan: PlanFolder, _ store: String = "merged", _ more: [String] = []) -> [String] {
        ["merge", "--plan", plan.path, "--store", "\(path)/\(store)"] + more
    }

    func merge(
        _ plan: PlanFolder, _ store: String = "merged", _ more: [String] = []
    ) throws -> IndexerProcess.Outcome { try run(mergeArguments(plan, store, more)) }

    func contents(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }
}
