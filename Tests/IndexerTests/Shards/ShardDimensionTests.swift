import Foundation
import Store
import TestSupport
import Testing

@testable import Indexer

/// Shards of a checkpoint whose Dense gives sentences another dimension than words have.
@Suite struct ShardDimensionTests {
    @Test(arguments: [[], ["--word-pooling", "model"]])
    func shardsAreTheSingleBuild(options: [String]) throws {
        let fixture = try ShardFixture()
        try DenseFixture(16, 12).writeModules(to: fixture.path + "/tiny")
        try DenseFixture(24, 24).writeModules(to: fixture.path + "/wide")
        let plan = try fixture.plan("plan", shards: 6, options)
        let planned = plan.plan.checkpoints
        #expect(planned.map(\.hiddenSize) == [16, 24])
        #expect(planned.map(\.sentenceDimension) == [12, nil])
        #expect(planned.map(\.wordDimension) == [options.isEmpty ? nil : 12, nil])
        // Some shards have words alone, whose engine has no Dense.
        let kinds = plan.plan.shards.map { Set(plan.plan.inputs(of: $0).map(\.source.kind)) }
        #expect(kinds.contains([.words]))
        try fixture.buildAll(plan)
        let merged = try fixture.merge(plan)
        #expect(merged.status == 0, "\(merged.errors)")
        let single = try fixture.single("single", options)
        try StoreComparison.expectSame(fixture.path + "/merged", single)
        let store = try Store.open(fixture.path + "/merged", mode: .read)
        for (collection, dimension) in [("words/fi", options.isEmpty ? 16 : 12), ("sentences/fra-eng/fra", 12)] {
            let layers = try store.layers(checkpoint: "tiny", collection: collection)
            #expect(layers.map(\.dimension) == [dimension, dimension, dimension])
        }
        // As many bytes as were planned, but for headers.
        for (shard, planned) in plan.plan.shards.enumerated() {
            let files = TemporaryFolder.files(in: plan.path(of: shard), ending: ".faiss").values
            let bytes = files.reduce(0) { $0 + $1.count }
            #expect(planned.bytes <= bytes && bytes - planned.bytes < 1_000 * files.count)
        }
    }

    /// A plan says nothing of dimensions that are the hidden size: plans of before read as they did.
    @Test func plansWithoutAreAsBefore() throws {
        let fixture = try ShardFixture()
        try DenseFixture(16, 16).writeModules(to: fixture.path + "/tiny")
        let plan = try fixture.plan()
        #expect(try !fixture.folder.read("plan/plan.json").contains("Dimension"))
        #expect(plan.plan.checkpoints.map { $0.dimension(of: .sentences) } == [16, 24])
    }

    /// A shard whose files have another dimension than was planned is not merged.
    @Test func anotherDimensionIsRefused() throws {
        let fixture = try ShardFixture()
        try DenseFixture(16, 12).writeModules(to: fixture.path + "/tiny")
        let plan = try fixture.plan()
        try fixture.buildAll(plan)
        var other = plan.plan
        other.checkpoints[0].sentenceDimension = 13
        let shard = try #require(
            other.shards.firstIndex { shard in
                shard.checkpoint == "tiny" && other.inputs(of: shard).contains { $0.source.kind == .sentences }
            })
        let error = #expect(throws: ShardError.self) {
            try ShardContents(plan: other, shard: shard, folder: plan.path(of: shard)).layers(
                in: Store.open(plan.path(of: shard), mode: .read))
        }
        #expect(error?.description.contains("60 × 13") == true && error?.description.contains("60 × 12") == true)
    }
}
