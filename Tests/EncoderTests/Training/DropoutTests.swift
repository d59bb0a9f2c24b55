import Foundation
import Testing

@testable import Encoder

@Suite struct DropoutTests {
    @Test(arguments: TrainingFixture.names)
    func noProbabilityIsOffAndAKeyRepeatsItself(_ name: String) throws {
        let fixture = try TrainingFixture.load(), item = fixture.named(name), model = try fixture.model(item)
        let batch = item.batch.map(\.sequence), off = model.vectors(batch)
        #expect(model.vectors(batch, dropout: DropoutKey(seed: 1, step: 1, probability: 0)) == off)
        // The checkpoint's own probability, unless that is zero.
        let probability: Float? = model.configuration.dropout.highest == 0 ? 0.1 : nil
        func vectors(seed: UInt64, step: UInt64) -> [Float] {
            model.vectors(batch, dropout: DropoutKey(seed: seed, step: step, probability: probability))
        }
        let on = vectors(seed: 1, step: 1)
        #expect(on != off)
        #expect(vectors(seed: 1, step: 1) == on)
        #expect(vectors(seed: 1, step: 2) != on)
        #expect(vectors(seed: 2, step: 1) != on)
    }

    /// With a key the loss is a fixed function, so its gradient can be measured: forward and backward must draw the
    /// same.
    @Test(arguments: TrainingFixture.names.filter { $0.hasSuffix("adapter") })
    func gradientsUnderDropoutAreThoseOfTheForwardPass(_ name: String) throws {
        let fixture = try TrainingFixture.load(), item = fixture.named(name), model = try fixture.model(item)
        let batch = item.batch.map(\.sequence), key = DropoutKey(seed: 5, step: 3, probability: 0.3)
        let functional = (0..<batch.count * model.configuration.hiddenSize).map { Float(sin(Double($0))) }
        func loss() -> Double {
            zip(model.vectors(batch, dropout: key), functional).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        _ = loss()
        model.backward(functional)
        let names = (0...1).map { model.configuration.names.adapter($0, BottleneckAdapter.ownName) }
        for parameter in [names[0].up + ".weight", names[0].down + ".weight", names[1].up + ".bias"] {
            let gradient = model.gradient(of: parameter), values = model.values(of: parameter)
            // Along the gradient itself, where the slope is its norm; float32 losses allow no better than a per cent.
            let norm = TrainingParity.norm(gradient), h: Float = 2e-3
            func moved(_ by: Float) -> Double {
                model.setValues(zip(values, gradient).map { $0 + by * $1 / norm }, of: parameter)
                return loss()
            }
            let slope = (moved(h) - moved(-h)) / Double(2 * h)
            model.setValues(values, of: parameter)
            #expect(abs(slope / Double(norm) - 1) <= 0.02, "\(parameter): slope \(slope), gradient \(norm)")
        }
    }
}
