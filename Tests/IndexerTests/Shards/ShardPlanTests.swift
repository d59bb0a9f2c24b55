import Foundation
import TestSupport
import Testing

@testable import Indexer

@Suite struct ShardPlanTests {
    /// A plan keeps all options of a build: one that `words` forgets would be lost between plan and shard.
    @Test func everyOptionIsInTheWords() throws {
        let typed = [
            "--layers", "0,2-4", "--codec", "sq8", "--pooling", "cls", "--word-pooling", "model", "--prompt=-q: ",
            "--maximum-length", "9",
        ]
        let options = try EncodingOptions.parse(typed)
        #expect(options.words == typed)
        #expect(try EncodingOptions.parse(options.words).words == options.words)
        #expect(!options.areUsual)
        #expect(try EncodingOptions.parse([]).areUsual)
        let named = Set(
            options.words.filter { $0.hasPrefix("--") }.map {
                $0.dropFirst(2).prefix { $0 != "=" }.filter { $0 != "-" }
            })
        let declared = Set(Mirror(reflecting: options).children.compactMap(\.label).map { $0.drop { $0 == "_" } })
        #expect(Set(named.map { String($0) }) == Set(declared.map { String($0).lowercased() }))
    }

    @Test func theSameInputsGiveTheSamePlan() throws {
        let fixture = try ShardFixture()
        let first = try fixture.plan("one")
        let second = try fixture.plan("two")
        #expect(try fixture.folder.read("one/plan.json") == fixture.folder.read("two/plan.json"))
        #expect(first.plan.shards.count == 5)
        #expect(first.plan.shards.map(\.checkpoint).sorted().first == "tiny")
        #expect(second.plan.inputs.map(\.source.name) == ["words/de", "words/en", "words/fi", "sentences/fra-eng"])
        // Again in its place: nothing to complain of. Another: refused, the first stays.
        _ = try fixture.plan("one")
        let other = try fixture.run(
            ["plan", "--out", "\(fixture.path)/one", "--shards", "2", "--quiet"] + fixture.inputs)
        #expect(other.status == 64)
        #expect(other.errors.contains("there is another plan, \(first.plan.id)"), "\(other.errors)")
        #expect(try PlanFolder("\(fixture.path)/one").plan == first.plan)
        // More than there is to cut, fewer than checkpoints: said.
        for (asked, made) in [(1, 2), (99, 8)] {
            let outcome = try fixture.run(
                ["plan", "--out", "\(fixture.path)/p\(asked)", "--shards", "\(asked)", "--json"] + fixture.inputs)
            #expect(try outcome.object["shards"] as? Int == made)
            #expect(try outcome.object["array"] as? String == "0-\(made - 1)")
            #expect(outcome.errors.contains("\(made) shards, not \(asked)"), "\(outcome.errors)")
        }
    }

    /// What is to be encoded, per checkpoint, how long by the last measured rate, how much disk.
    @Test func aPlanSaysWhatItsShardsTake() throws {
        let fixture = try ShardFixture()
        let environment = ["XDG_CACHE_HOME": Optional(fixture.path + "/cache")]
        let arguments = ["plan", "--out", "\(fixture.path)/plan", "--shards", "5", "--threads", "3"] + fixture.inputs
        EncodingRates(cacheFolder: fixture.path + "/cache").remember(
            tokens: 1_000, seconds: 10, highestLayer: 3, hiddenSize: 24, threads: 3)
        func forecast() throws -> (document: [String: Any], checkpoints: [[String: Any]]) {
            let outcome = try fixture.run(arguments + ["--json"], environment: environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            return (try outcome.object, try #require(try outcome.object["forecast"] as? [[String: Any]]))
        }
        let (document, checkpoints) = try forecast()
        let folder = try PlanFolder("\(fixture.path)/plan")
        #expect(checkpoints.compactMap { $0["checkpoint"] as? String } == ["tiny", "wide"])
        for checkpoint in checkpoints {
            let own = folder.plan.shards.filter { $0.checkpoint == checkpoint["checkpoint"] as? String }
            #expect(checkpoint["shards"] as? Int == own.count)
            let texts = folder.plan.inputs.filter { $0.source.kind == .words }.flatMap(\.collections).map(\.texts)
            #expect(checkpoint["words"] as? Int == texts.reduce(0, +))
            #expect(checkpoint["sentences"] as? Int == 120)
            #expect(checkpoint["tokens"] as? Int == own.map(\.tokens).reduce(0, +))
            #expect(checkpoint["bytes"] as? Int == own.map(\.bytes).reduce(0, +))
        }
        let tokens = try #require(checkpoints[1]["tokens"] as? Int)
        let wide = folder.plan.shards.filter { $0.checkpoint == "wide" }.map(\.tokens)
        #expect(wide.count > 1)
        #expect(checkpoints[1]["seconds"] as? Double == Double(tokens) / 100)
        #expect(checkpoints[1]["longest_shard_seconds"] as? Double == Double(wide.max() ?? 0) / 100)
        #expect(checkpoints[0]["seconds"] is NSNull)
        #expect(document["threads"] as? Int == 3)

        // The scratch folder of a shard that was built is no larger than was said.
        let text = try fixture.run(arguments, environment: environment)
        #expect(text.output.contains("no build of this shape with 3 threads was measured here yet"), "\(text.output)")
        #expect(text.output.contains("of it the longest shard") && text.output.contains("of scratch for a shard"))
        for shard in folder.plan.shards.indices {
            #expect(try fixture.build(folder, shard).status == 0)
            let built = TemporaryFolder.files(in: folder.path(of: shard), ending: "").values.reduce(0) { $0 + $1.count }
            #expect(built <= document["scratch_bytes"] as? Int ?? 0)
        }
        // All are done: nothing is to come.
        #expect(try forecast().checkpoints.isEmpty)
    }

    @Test func aPlanThatWasChangedIsRefused() throws {
        let fixture = try ShardFixture()
        let plan = try fixture.plan()
        let text = try fixture.folder.read("plan/plan.json")
        let cases: [(String, Int32, String)] = [
            (text.replacingOccurrences(of: "\"top\" : 100000", with: "\"top\" : 10"), 65, "of its contents"),
            (String(text.prefix(500)), 65, "plan.json"),
            ("", 65, "plan.json"),
            (text.replacingOccurrences(of: "\"format\" : 1", with: "\"format\" : 2"), 65, "later version"),
        ]
        for (contents, status, says) in cases {
            _ = try fixture.folder.write("plan/plan.json", contents)
            let outcome = try fixture.build(plan, 0)
            #expect(outcome.status == status, "\(outcome.errors)")
            #expect(outcome.errors.contains(says), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        }
        // An id that fits makes nonsense no sense.
        var nonsense = plan.plan
        nonsense.shards[0].inputs = ["words/xx"]
        nonsense.id = try nonsense.computedId()
        _ = try fixture.folder.write("plan/plan.json", String(decoding: try nonsense.encoded(), as: UTF8.self))
        #expect(try fixture.build(plan, 0).errors.contains("inputs of the plan in each shard, found words/xx"))
        try FileManager.default.removeItem(atPath: "\(fixture.path)/plan/plan.json")
        #expect(try fixture.build(plan, 0).status == 66)
        #expect(try fixture.merge(plan).status == 66)
    }

    @Test func anArraysTaskKnowsItsNumber() throws {
        let fixture = try ShardFixture()
        let plan = try fixture.plan()
        func number(_ given: Int?, _ variables: [String: String]) throws -> Int {
            try ShardNumber.resolve(given, of: plan) { variables[$0] }
        }
        #expect(try number(3, ["SLURM_ARRAY_TASK_ID": "1"]) == 3)
        #expect(try number(nil, ["SLURM_ARRAY_TASK_ID": "1"]) == 1)
        #expect(try number(nil, ["JOB_COMPLETION_INDEX": "4"]) == 4)
        #expect(throws: ShardError.noNumber) { try number(nil, [:]) }
        #expect(throws: ShardError.unknownShard(plan: plan.path, index: 5, count: 5)) { try number(5, [:]) }
        #expect(throws: ShardError.unknownShard(plan: plan.path, index: -1, count: 5)) { try number(-1, [:]) }
        #expect(throws: ShardError.badNumber(variable: "SLURM_ARRAY_TASK_ID", found: "x")) {
            try number(nil, ["SLURM_ARRAY_TASK_ID": "x"])
        }
    }

    @Test func optionsThatContradictThePlanAreRefused() throws {
        let fixture = try ShardFixture()
        let plan = try fixture.plan()
        for more in [["--codec", "sq8"], ["--top", "5"], ["--store", "x"], ["--vocabularies", "x"], fixture.inputs] {
            let outcome = try fixture.run(fixture.buildArguments(plan, 0) + more)
            #expect(outcome.status == 64, "\(more): \(outcome.errors)")
            #expect(outcome.errors.contains("--plan says what is encoded"))
        }
        #expect(try fixture.run(["build", "--shard", "1"] + fixture.inputs).status == 64)
        #expect(try fixture.run(["build", "--scratch", "x"] + fixture.inputs).status == 64)
        #expect(try fixture.run(["build"]).errors.contains("--checkpoint"))
    }
}
