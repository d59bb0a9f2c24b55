import Foundation
import Store
import TestSupport
import Testing

@testable import Indexer

/// plan → shards → merge gives the store of one machine, whatever happens on the way.
@Suite(.serialized) struct ShardMergeTests {
    private let fixture: ShardFixture

    init() throws { fixture = try ShardFixture() }

    @Test(arguments: [
        ["--codec", "fp16"], ["--codec", "hnsw", "--layers", "1,2"], ["--codec", "sq8", "--top", "50"],
    ])
    func theMergedStoreIsTheSingleMachines(options: [String]) throws {
        let single = try fixture.single("single", options)
        let plan = try fixture.plan(shards: 5, options)
        try fixture.buildAll(plan)
        #expect(fixture.contents("\(fixture.path)/scratch").isEmpty)
        for (store, way) in [("linked", "--link"), ("copied", "--copy"), ("moved", "--move")] {
            let outcome = try fixture.merge(plan, store, [way, "--verify", "--json"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try outcome.object["collections"] as? Int == 10)
            #expect(try outcome.object["up_to_date"] as? Int == 0)
            try StoreComparison.expectSame(single, "\(fixture.path)/\(store)")
            // A second time there is nothing to do, also when the files have been moved away.
            let again = try fixture.merge(plan, store, [way, "--json"])
            #expect(again.status == 0, "\(again.errors)")
            #expect(try again.object["up_to_date"] as? Int == 10)
            #expect(try again.object["files"] as? Int == 0)
            #expect(try Store.open("\(fixture.path)/\(store)", mode: .read).verify().isEmpty)
        }
        let more = try fixture.run(
            ["build", "--store", "\(fixture.path)/linked"] + fixture.inputs + options)
        #expect(more.errors.contains("everything is up to date"), "\(more.errors)")
        // Whose files are in another store now.
        let gone = try fixture.merge(plan, "third")
        #expect(gone.status == 65)
        #expect(gone.errors.contains("no such file"), "\(gone.errors)")
    }

    /// What is there already stays, and a changed vocabulary's plan replaces what it must.
    @Test func aMergeIntoAStoreInUse() throws {
        let store = try fixture.single("store")
        let words = (0..<400).map { "wort\(String($0, radix: 5))" }
        _ = try fixture.folder.write("words/fi.txt", words.joined(separator: "\n") + "\n")
        let plan = try fixture.plan(shards: 2)
        try fixture.buildAll(plan)
        let outcome = try fixture.merge(plan, "store", ["--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        try #expect(Store.open(store, mode: .read).verify().filter { $0.severity == .damage }.isEmpty)
        #expect(try fixture.run(["gc", "--store", store]).status == 0)
        try StoreComparison.expectSame(try fixture.single("fresh"), store)
    }

    /// `plan --store`: what the store has is in no shard.
    @Test func whatAStoreHasIsLeftOut() throws {
        let store = try fixture.single("store", ["--top", "100"])
        _ = try fixture.run(["remove", "--store", store, "--checkpoint", "wide", "--collection", "words/de"])
        let words = (0..<40).map { "wort\(String($0, radix: 5))" }
        _ = try fixture.folder.write("words/fi.txt", words.joined(separator: "\n") + "\n")
        let options = ["--top", "100", "--store", store]
        let plan = try fixture.plan(shards: 3, options)
        #expect(plan.plan.shards.map(\.checkpoint).sorted() == ["tiny", "wide", "wide"])
        #expect(plan.plan.shards.flatMap(\.inputs).sorted() == ["words/de", "words/fi", "words/fi"])
        #expect(plan.plan.inputs.map(\.source.name) == ["words/de", "words/fi"])
        try fixture.buildAll(plan)
        #expect(try fixture.merge(plan, "store").status == 0)
        #expect(try fixture.run(["gc", "--store", store]).status == 0)
        try StoreComparison.expectSame(try fixture.single("fresh", ["--top", "100"]), store)
        let nothing = try fixture.run(
            ["plan", "--out", "\(fixture.path)/none", "--shards", "3"] + fixture.inputs + options)
        #expect(nothing.status == 0, "\(nothing.errors)")
        #expect(nothing.output.contains("everything is up to date, no plan was written"), "\(nothing.output)")
        #expect(!FileManager.default.fileExists(atPath: "\(fixture.path)/none"))
        let missing = try fixture.run(
            ["plan", "--out", "\(fixture.path)/none", "--shards", "3", "--store", "\(fixture.path)/nosuch"]
                + fixture.inputs)
        #expect(missing.status == 66)
    }

    @Test func twinsAndDoneShards() throws {
        let plan = try fixture.plan(shards: 2)
        // On one host with the same scratch folder, and as on two hosts.
        for shard in 0..<2 {
            let scratch = shard == 0 ? ["scratch", "scratch", "scratch"] : ["a", "b", "c"]
            let twins = try scratch.map { try IndexerProcess(fixture.buildArguments(plan, shard, scratch: $0)) }
            for twin in twins {
                let outcome = try twin.wait()
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(outcome.output.contains("shard \(shard): done"), "\(outcome.output)")
            }
            #expect(try fixture.build(plan, shard).output == "shard \(shard): done before\n")
        }
        let shards = "\(fixture.path)/plan/\(plan.plan.id)"
        #expect(fixture.contents(shards) == ["shard-00000", "shard-00001"])
        for scratch in ["scratch", "a", "b", "c"] { #expect(fixture.contents("\(fixture.path)/\(scratch)").isEmpty) }
        #expect(try fixture.merge(plan).status == 0)
        try StoreComparison.expectSame(try fixture.single(), "\(fixture.path)/merged")
    }

    /// Kills at any instant of building, handing over and merging; what was cut off goes on.
    @Test func killedShardsAndMergesGoOn() throws {
        let single = try fixture.single()
        let plan = try fixture.plan(shards: 3)
        var random = SeededGenerator(state: 12)
        var kills = 0
        /// Until it was killed so often; `again` begins anew what ended before it could be. A time measured on a busy
        /// machine is too long on an idle one: it shrinks.
        func killed(_ arguments: [String], within seconds: Double, again: (() throws -> Void)?) throws {
            var span = seconds, own = 0
            while own < 4 {
                let process = try IndexerProcess(arguments)
                Thread.sleep(forTimeInterval: Double.random(in: 0...span, using: &random))
                let isInTime = process.isRunning
                if isInTime { process.signal(SIGKILL) }
                let status = try process.wait().status
                if isInTime, status != 0 {
                    own += 1
                } else {
                    guard let again else { break }
                    span *= 0.8
                    try again()
                }
            }
            kills += own
            let outcome = try fixture.run(arguments)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        for shard in plan.plan.shards.indices {
            let began = Date()
            _ = try fixture.build(plan, shard, scratch: "measured\(shard)")
            let seconds = Date().timeIntervalSince(began)
            try FileManager.default.removeItem(atPath: plan.path(of: shard))
            try killed(fixture.buildArguments(plan, shard), within: seconds) {
                try FileManager.default.removeItem(atPath: plan.path(of: shard))
            }
        }
        #expect(fixture.contents("\(fixture.path)/scratch").isEmpty)
        let began = Date()
        #expect(try fixture.merge(plan, "measured").status == 0)
        let seconds = Date().timeIntervalSince(began)
        for (store, way) in [("linked", "--link"), ("moved", "--move")] {
            try killed(fixture.mergeArguments(plan, store, [way]), within: seconds, again: nil)
            _ = try fixture.run(["gc", "--store", "\(fixture.path)/\(store)"])
            try StoreComparison.expectSame(single, "\(fixture.path)/\(store)")
        }
        #expect(fixture.contents("\(fixture.path)/plan/\(plan.plan.id)").count == 3)
        #expect(kills >= 12, "\(kills) kills")
    }

    /// A stop keeps the scratch folder, says so, and the next try goes on there.
    @Test func aStoppedShardGoesOn() throws {
        try TinyCheckpoint(layerCount: 8, hiddenSize: 128, intermediateSize: 512).write(to: fixture.path + "/tiny")
        let plan = try fixture.plan(shards: 2)
        let process = try IndexerProcess(fixture.buildArguments(plan, 0) + ["--threads", "1"])
        while process.isRunning, fixture.contents("\(fixture.path)/scratch").isEmpty { usleep(1000) }
        process.signal(SIGTERM)
        let outcome = try process.wait()
        #expect(outcome.status == 75, "\(outcome.errors)")
        #expect(outcome.errors.contains("run the same command again"))
        #expect(fixture.contents("\(fixture.path)/scratch").count == 1)
        #expect(try plan.missing() == [0, 1])
        try fixture.buildAll(plan)
        #expect(fixture.contents("\(fixture.path)/scratch").isEmpty)
        #expect(try fixture.merge(plan).status == 0)
        try StoreComparison.expectSame(try fixture.single(), "\(fixture.path)/merged")
    }

    @Test func aGapIsListedAsAnArray() throws {
        let plan = try fixture.plan(shards: 8)
        for shard in [1, 5, 7] { #expect(try fixture.build(plan, shard).status == 0) }
        let outcome = try fixture.merge(plan)
        #expect(outcome.status == 75)
        #expect(outcome.errors.contains("5 of 8 shards are missing: 0,2-4,6; "), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(fixture.path)/merged"))
        let some = try fixture.merge(plan, "merged", ["--allow-missing", "--json"])
        #expect(some.status == 0, "\(some.errors)")
        #expect(some.errors.contains("5 of 8 shards are missing and left out: 0,2-4,6"))
        #expect(try some.object["missing"] as? [Int] == [0, 2, 3, 4, 6])
        for shard in [0, 2, 3, 4, 6] { #expect(try fixture.build(plan, shard).status == 0) }
        #expect(try fixture.merge(plan).status == 0)
        try StoreComparison.expectSame(try fixture.single(), "\(fixture.path)/merged")
    }
}
