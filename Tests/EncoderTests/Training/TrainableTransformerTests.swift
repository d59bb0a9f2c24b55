import Foundation
import TestSupport
import Testing

@testable import Encoder

@Suite struct TrainableTransformerTests {
    /// Sequences of many lengths: several chunks, and more rows than a block of the kernels' sums.
    static func largeBatch(_ model: TrainableTransformer, seed: UInt64 = 5) -> [TokenSequence] {
        var generator = SeededGenerator(state: seed)
        let V = Int32(model.configuration.vocabularySize)
        return (0..<90).map { _ in
            let T = Int.random(in: 3...12, using: &generator)
            let ids = (0..<T).map { _ in Int32.random(in: 3..<V, using: &generator) }
            return TokenSequence(ids: ids, pooled: 1..<Int.random(in: 2..<T, using: &generator))
        }
    }

    private static func bits(_ model: TrainableTransformer, steps: Int) -> [[UInt32]] {
        let batch = largeBatch(model), C = model.configuration.hiddenSize
        for step in 1...steps {
            model.zeroGradients()
            let vectors = model.vectors(batch, dropout: DropoutKey(seed: 3, step: UInt64(step)))
            model.backward(vectors.enumerated().map { $1 * Float(($0 / C) % 5) * 0.01 })
            model.applyAdamW(
                AdamWUpdate(
                    step: step, learningRate: 1e-3, weightDecay: 0.01, gradientScale: 1 / (1 + model.gradientNorm())))
        }
        return model.parameterNames.map { model.values(of: $0).map(\.bitPattern) }
    }

    @Test(arguments: ["tiny-bert-full", "tiny-xlmr-adapter"])
    func theNumberOfThreadsChangesNoBit(_ name: String) throws {
        let fixture = try TrainingFixture.load(), item = fixture.named(name)
        let one = Self.bits(try fixture.model(item, threads: 1), steps: 3)
        for threads in [2, 3] {
            for _ in 0..<3 { #expect(Self.bits(try fixture.model(item, threads: threads), steps: 3) == one) }
        }
    }

    @Test(arguments: TrainingFixture.names)
    func encodingEqualsTheForwardPass(_ name: String) throws {
        let fixture = try TrainingFixture.load(), item = fixture.named(name), model = try fixture.model(item)
        _ = Self.bits(model, steps: 2)
        let batch = Self.largeBatch(model, seed: 6), encoded = model.encoded(batch)
        #expect(relativeError(model.vectors(batch), encoded) <= CPUEngineTests.parityTolerance)
        let C = model.configuration.hiddenSize
        for index in [0, 17, 89] {
            #expect(model.encoded([batch[index]]) == Array(encoded[index * C..<(index + 1) * C]), "alone \(index)")
        }
    }

    @Test func anEmptyBatchIsNothing() throws {
        let fixture = try TrainingFixture.load(), model = try fixture.model(fixture.named("tiny-bert-full"))
        #expect(model.vectors([]).isEmpty)
        model.backward([])
        #expect(model.gradientNorm() == 0)
        #expect(model.encoded([]).isEmpty)
    }
}
