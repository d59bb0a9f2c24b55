import Diagnostics
import Foundation
import Testing

@testable import Encoder

@Suite struct TrainingStateTests {
    private static let kinds = ["tiny-bert-full", "tiny-xlmr-full", "tiny-bert-adapter"]

    private static func train(_ model: TrainableTransformer, _ steps: ClosedRange<Int>) {
        let C = model.configuration.hiddenSize
        for step in steps {
            let batch = Array(TrainableTransformerTests.largeBatch(model, seed: UInt64(step))[..<4])
            model.zeroGradients()
            let vectors = model.vectors(batch, dropout: DropoutKey(seed: 9, step: UInt64(step)))
            model.backward(vectors.enumerated().map { $1 * Float(($0 / C) % 3) * 0.1 })
            model.applyAdamW(AdamWUpdate(step: step, learningRate: 1e-3, weightDecay: 0.1))
        }
    }

    private static func bits(_ model: TrainableTransformer) -> [[UInt32]] {
        model.parameterNames.map { model.values(of: $0).map(\.bitPattern) }
    }

    @Test(arguments: kinds)
    func aRestoredRunEndsWithTheSameBits(_ name: String) throws {
        let fixture = try TrainingFixture.load(), item = fixture.named(name), folder = try Fixtures.temporaryFolder()
        let undisturbed = try fixture.model(item)
        Self.train(undisturbed, 1...3)
        try undisturbed.saveState(to: folder + "/state")
        Self.train(undisturbed, 4...7)
        let resumed = try fixture.model(item)
        // Whatever it did before is forgotten.
        Self.train(resumed, 1...1)
        try resumed.restoreState(from: folder + "/state")
        Self.train(resumed, 4...7)
        #expect(Self.bits(resumed) == Self.bits(undisturbed))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["state"])
        try resumed.saveState(to: folder + "/again")
        try undisturbed.saveState(to: folder + "/state")
        #expect(FileManager.default.contentsEqual(atPath: folder + "/again", andPath: folder + "/state"))
    }

    @Test func damagedStatesAreRefusedAndChangeNothing() throws {
        let fixture = try TrainingFixture.load(), item = fixture.named("tiny-xlmr-full"),
            model = try fixture.model(item)
        let path = try Fixtures.temporaryFolder() + "/state"
        Self.train(model, 1...2)
        try model.saveState(to: path)
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        Self.train(model, 3...3)
        let before = Self.bits(model)
        func refuse(_ data: Data, _ what: String) throws {
            try data.write(to: URL(fileURLWithPath: path))
            #expect(throws: CheckpointError.self, "\(what)") { try model.restoreState(from: path) }
            #expect(Self.bits(model) == before, "\(what)")
        }
        for count in [0, 7, 8, 71, 72, 200, good.count / 2, good.count - 1] {
            try refuse(good.prefix(count), "\(count) bytes")
        }
        try refuse(good + Data([0]), "a byte more")
        for place in [0, 8, 24, 32, 56, 63, 64, 72, 150, good.count / 2, good.count - 1] {
            var damaged = good
            damaged[place] ^= 0x40
            try refuse(damaged, "byte \(place)")
        }
        try good.write(to: URL(fileURLWithPath: path))
        try model.restoreState(from: path)
    }

    @Test func statesOfOthersAreRefused() throws {
        let fixture = try TrainingFixture.load(), path = try Fixtures.temporaryFolder() + "/state"
        try fixture.model(fixture.named("tiny-bert-full")).saveState(to: path)
        for name in ["tiny-bert-adapter", "tiny-xlmr-full"] {
            #expect(throws: CheckpointError.self, "\(name)") {
                try fixture.model(fixture.named(name)).restoreState(from: path)
            }
        }
        #expect(throws: SystemFault.self) {
            try fixture.model(fixture.named("tiny-bert-full")).restoreState(from: path + "x")
        }
        #expect(throws: SystemFault.self) {
            try fixture.model(fixture.named("tiny-bert-full")).saveState(to: path + "/x")
        }
    }
}
