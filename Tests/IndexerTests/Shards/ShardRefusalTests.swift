import Foundation
import Store
import TestSupport
import Testing

@testable import Indexer

/// What is not as planned: one clear line, the right status, and the store is left alone.
@Suite(.serialized) struct ShardRefusalTests {
    private let fixture: ShardFixture
    private let plan: PlanFolder

    init() throws {
        fixture = try ShardFixture()
        plan = try fixture.plan(shards: 2)
        try fixture.buildAll(plan)
    }

    private func expectRefused(
        _ outcome: IndexerProcess.Outcome, _ status: Int32, _ says: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
        #expect(outcome.errors.contains(says), "\(outcome.errors)", sourceLocation: sourceLocation)
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
        #expect(!FileManager.default.fileExists(atPath: "\(fixture.path)/merged"), sourceLocation: sourceLocation)
    }

    private func quiet(_ more: [String] = []) throws -> IndexerProcess.Outcome {
        try fixture.merge(plan, "merged", ["--quiet"] + more)
    }

    @Test func changedInputs() throws {
        try FileManager.default.removeItem(atPath: plan.path(of: 1))
        let words = try fixture.folder.read("words/de.txt")
        _ = try fixture.folder.write("words/de.txt", words + "more\n")
        expectRefused(try fixture.build(plan, 1), 65, "words/de has changed since the plan was made")
        expectRefused(try quiet(["--allow-missing"]), 65, "words/de.txt: words/de has changed")
        try FileManager.default.removeItem(atPath: "\(fixture.path)/words/de.txt")
        expectRefused(try fixture.build(plan, 1), 66, "words/de.txt")
        _ = try fixture.folder.write("words/de.txt", words)
        try TinyCheckpoint(layerCount: 3, hiddenSize: 24, seed: 6).write(to: fixture.path + "/wide")
        expectRefused(try fixture.build(plan, 1), 65, "checkpoint 'wide' has changed since the plan was made")
        expectRefused(try quiet(["--allow-missing"]), 65, "checkpoint 'wide' has changed")
    }

    @Test func damagedShards() throws {
        let shard = plan.path(of: 1)
        let layer = try #require(TemporaryFolder.files(in: shard, ending: ".faiss").keys.sorted().first)
        let cases: [(file: String, change: (inout Data) -> Void, arguments: [String], says: String)] = [
            ("shard.json", { $0 = $0.prefix(100) }, [], "shard.json"),
            ("shard.json", { $0 = Data() }, [], "shard.json"),
            ("catalog.lmdb/data.mdb", { $0[5_000] ^= 1 }, [], "catalog.lmdb/data.mdb of "),
            ("catalog.lmdb/data.mdb", { $0.removeLast(4_096) }, [], "catalog.lmdb/data.mdb of "),
            (layer, { $0.removeLast(1) }, [], "\(layer) of "),
            (layer, { $0[$0.count / 2] ^= 1 }, ["--verify"], "\(layer) with checksum"),
        ]
        for (file, change, arguments, says) in cases {
            let url = URL(fileURLWithPath: "\(shard)/\(file)")
            let sound = try Data(contentsOf: url)
            var damaged = sound
            change(&damaged)
            try damaged.write(to: url)
            expectRefused(try quiet(arguments), 65, says)
            try sound.write(to: url)
        }
        try FileManager.default.moveItem(atPath: "\(shard)/catalog.lmdb/data.mdb", toPath: "\(fixture.path)/aside")
        expectRefused(try quiet(), 65, "shard 1 is damaged: remove the folder and build it again")
        try FileManager.default.moveItem(atPath: "\(fixture.path)/aside", toPath: "\(shard)/catalog.lmdb/data.mdb")
        try FileManager.default.removeItem(atPath: "\(shard)/shard.json")
        expectRefused(try quiet(), 75, "1 of 2 shards is missing: 1; ")
        // Its place is taken, and nobody knows by what.
        let again = try fixture.build(plan, 1)
        #expect(again.status == 65)
        #expect(again.errors.contains("expected shard.json, found no such file"), "\(again.errors)")
        try FileManager.default.removeItem(atPath: shard)
        #expect(try fixture.build(plan, 1).status == 0)
        #expect(try quiet().status == 0)
        try StoreComparison.expectSame(try fixture.single(), "\(fixture.path)/merged")
    }

    /// A shard in another's place is a store like any other, but not the one that was planned.
    @Test func aShardOfSomethingElse() throws {
        let (first, second) = (plan.path(of: 0), plan.path(of: 1))
        let note = try String(contentsOfFile: first + "/shard.json", encoding: .utf8)
        try FileManager.default.removeItem(atPath: second)
        try FileManager.default.copyItem(atPath: first, toPath: second)
        expectRefused(try quiet(), 65, "expected shard 1 of plan \(plan.plan.id), found shard 0")
        try note.replacingOccurrences(of: "\"shard\" : 0", with: "\"shard\" : 1").write(
            toFile: second + "/shard.json", atomically: true, encoding: .utf8)
        expectRefused(try quiet(), 65, "expected checkpoint 'wide'")
    }

    @Test func anotherProgramOrArithmetic() throws {
        let path = plan.path(of: 1) + "/shard.json"
        let note = try String(contentsOfFile: path, encoding: .utf8)
        for (from, to, says) in [
            ("\"version\" : \"\(plan.plan.program.version)\"", "\"version\" : \"0.1.9\"", "found 0.1.9 ("),
            (plan.plan.program.checksum.hex, String(repeating: "0", count: 32), "(000000000000)"),
            ("\"\(plan.plan.arithmetic)\"", "\"x86-64 other\"", "found x86-64 other, float32"),
        ] {
            let changed = note.replacingOccurrences(of: from, with: to)
            #expect(changed != note)
            try changed.write(toFile: path, atomically: true, encoding: .utf8)
            expectRefused(try quiet(), 65, says)
        }
        try FileManager.default.removeItem(atPath: plan.path(of: 1))
        for change in [
            { (plan: inout ShardPlan) in plan.arithmetic = "x86-64 other" },
            { (plan: inout ShardPlan) in plan.program.version = "0.1.9" },
            { (plan: inout ShardPlan) in plan.encodingVersion += 1 },
        ] {
            var changed = plan.plan
            change(&changed)
            changed.id = try changed.computedId()
            let other = try PlanFolder("\(fixture.path)/\(changed.id)", keeping: changed)
            expectRefused(try fixture.build(other, 0), 65, other.path)
            #expect(fixture.contents("\(fixture.path)/scratch").isEmpty)
        }
    }

    @Test func verifyReadsEveryByteOfAShard() throws {
        let shard = plan.path(of: 1)
        func verify(_ more: [String] = [], environment: [String: String?] = [:]) throws -> IndexerProcess.Outcome {
            try fixture.run(["verify", "--plan", plan.path, "--json", "--quiet"] + more, environment: environment)
        }
        let sound = try verify(["--shard", "1"])
        #expect(sound.status == 0 && sound.output.isEmpty && sound.errors.isEmpty, "\(sound.output)\(sound.errors)")
        let layer = try #require(TemporaryFolder.files(in: shard, ending: ".faiss").keys.sorted().first)
        for (file, change) in [
            (layer, { (data: inout Data) in data[data.count / 2] ^= 1 }), (layer, { $0.removeLast(1) }),
            ("catalog.lmdb/data.mdb", { $0[5_000] ^= 1 }), ("shard.json", { $0 = $0.prefix(10) }),
        ] {
            let url = URL(fileURLWithPath: "\(shard)/\(file)")
            let whole = try Data(contentsOf: url)
            var damaged = whole
            change(&damaged)
            try damaged.write(to: url)
            let outcome = try verify(environment: ["SLURM_ARRAY_TASK_ID": "1"])
            #expect(outcome.status == 1, "\(file): \(outcome.output)\(outcome.errors)")
            #expect(try outcome.rows.first?["severity"] as? String == "damage")
            #expect(outcome.output.contains(file), "\(outcome.output)")
            #expect(try verify(["--shard", "0"]).status == 0)
            try whole.write(to: url)
        }
        try FileManager.default.removeItem(atPath: shard)
        let missing = try verify(["--shard", "1"])
        #expect(missing.status == 66)
        #expect(missing.errors.contains("shard 1 is not built"), "\(missing.errors)")
        #expect(try verify().status == 64)
        #expect(try verify(["--shard", "1", "--store", "x"]).status == 64)
    }
}
