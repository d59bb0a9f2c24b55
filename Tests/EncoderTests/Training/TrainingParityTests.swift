import Foundation
import Kernels
import Testing

@testable import Encoder

/// Comparisons with torch that the committed goldens and those of a real checkpoint share.
struct TrainingParity {
    /// ‖ours − torch's‖ / ‖torch's‖ of vectors, as for the encoder.
    static let vectorTolerance: Float = 2e-5
    /// The bound for every parameter's gradient, and for every parameter after 50 steps.
    static let parameterTolerance: Float = 1e-4
    /// Where a gradient is what is left of much larger terms (attention that looks at one token alone), torch in
    /// float32 itself is further than that from torch in float64. Goldens that say how far allow both sides as much.
    static let roundingAllowance: Float = 2
    /// Never more than this: a gradient that torch itself has no two digits of is not compared by allowing anything.
    static let largestAllowance: Float = 1e-2
    /// A change of 50 steps of AdamW against torch's: steps are gradients divided by their own size, so a gradient that
    /// is nearly zero makes a step that is mostly rounding.
    static let changeTolerance: Float = 2e-2
    /// Never more than this of a change, however far torch in float32 is from torch in float64 after the same steps.
    static let largestChangeAllowance: Float = 0.5

    /// Keys' biases move all scores of a query alike, so softmax gives them no gradient: both sides hold rounding
    /// errors, which AdamW turns into steps of a random sign. They are only checked to be small.
    static func isRounding(_ name: String) -> Bool {
        name.hasSuffix("attention.self.key.bias") || name.hasSuffix("attention.k_lin.bias")
    }

    static func norm(_ x: [Float]) -> Float { Float(x.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()) }

    static func tolerance(of name: String, _ tensors: [String: [Float]]) -> Float {
        let rounding = tensors["rounding/" + name]?[0] ?? 0
        return max(parameterTolerance, min(roundingAllowance * rounding, largestAllowance))
    }

    static func expectGradients(_ model: TrainableTransformer, _ tensors: [String: [Float]], _ context: String) {
        for name in model.parameterNames {
            let ours = model.gradient(of: name), theirs = tensors["gradient/" + name]!
            if isRounding(name) {
                let query = name.replacingOccurrences(of: "key", with: "query")
                    .replacingOccurrences(of: "k_lin", with: "q_lin")
                let scale = norm(tensors["gradient/" + query]!)
                #expect(norm(ours) <= tolerance(of: query, tensors) * scale, "\(context) \(name)")
            } else {
                let error = relativeError(ours, theirs)
                #expect(error <= tolerance(of: name, tensors), "\(context) \(name): \(error)")
            }
        }
    }

    /// - Parameter changeOfZeros: what began at zero (biases of a checkpoint of random weights) is compared by its
    ///   change alone, which it is itself.
    static func expectSteps(
        _ model: TrainableTransformer, _ fixture: TrainingFixture, _ item: TrainingFixture.Case,
        after: [String: [Float]], decay: Double, changeOfZeros: Bool = false
    ) {
        let before = Dictionary(uniqueKeysWithValues: model.parameterNames.map { ($0, model.values(of: $0)) })
        for step in 1...fixture.step_count {
            let turn = (step - 1) % item.steps.count
            model.zeroGradients()
            _ = model.vectors(item.steps[turn].map(\.sequence))
            model.backward(after["functional.\(turn)"]!)
            model.applyAdamW(AdamWUpdate(step: step, learningRate: fixture.rate, weightDecay: decay))
        }
        for name in model.parameterNames {
            let ours = model.values(of: name), theirs = after["after/" + name]!
            let moved = zip(ours, before[name]!).map { $0 - $1 }, expected = zip(theirs, before[name]!).map { $0 - $1 }
            if isRounding(name) {
                // No step of AdamW is much larger than the rate.
                #expect(moved.allSatisfy { abs($0) <= Float(fixture.rate * Double(fixture.step_count) * 2) })
                continue
            }
            if !changeOfZeros || before[name]!.contains(where: { $0 != 0 }) {
                let error = relativeError(ours, theirs)
                #expect(error <= tolerance(of: "after/" + name, after), "\(item.name) \(name): \(error)")
            }
            let change = relativeError(moved, expected)
            // Where 50 steps are a chaos, torch does not find its own float64 again.
            let own = (after["rounding/after/" + name]?[0] ?? 0) * norm(theirs) / norm(expected)
            let allowed = max(changeTolerance, min(roundingAllowance * own, largestChangeAllowance))
            #expect(change <= allowed, "\(item.name) change of \(name): \(change)")
        }
    }
}

@Suite struct TrainingParityTests {
    @Test(arguments: TrainingFixture.names, [false, true])
    func gradientsEqualTorch(_ name: String, portable: Bool) throws {
        let fixture = try TrainingFixture.load(), item = fixture.named(name)
        let tensors = try TrainingFixture.tensors(name + "-gradients")
        // The choice of kernels belongs to the calling thread, so the portable ones run on one.
        let model = try fixture.model(item, threads: portable ? 1 : 2)
        Arithmetic.withPortable(portable) {
            let vectors = model.vectors(item.batch.map(\.sequence))
            #expect(relativeError(vectors, tensors["vectors"]!) <= TrainingParity.vectorTolerance)
            model.backward(tensors["vector_gradients"]!)
        }
        TrainingParity.expectGradients(model, tensors, name)
        let all = model.parameterNames.flatMap { tensors["gradient/" + $0]! }
        #expect(
            abs(model.gradientNorm() / Double(TrainingParity.norm(all)) - 1)
                <= Double(TrainingParity.parameterTolerance))
    }

    @Test(arguments: TrainingFixture.names)
    func gradientsAddUpUntilTheyAreZeroed(_ name: String) throws {
        let fixture = try TrainingFixture.load(), item = fixture.named(name), model = try fixture.model(item)
        var tensors = try TrainingFixture.tensors(name + "-gradients")
        let batch = item.batch.map(\.sequence), half = batch.count / 2
        // The same gradient in two parts, after one that is thrown away.
        let gradient = tensors["vector_gradients"]!, C = model.configuration.hiddenSize
        _ = model.vectors(batch)
        model.backward(gradient)
        model.zeroGradients()
        #expect(model.gradientNorm() == 0)
        model.zeroGradients()
        for part in [0..<half, half..<batch.count] {
            _ = model.vectors(Array(batch[part]))
            model.backward(Array(gradient[part.lowerBound * C..<part.upperBound * C]))
        }
        TrainingParity.expectGradients(model, tensors, name)
        // And once more on top.
        _ = model.vectors(batch)
        model.backward(gradient)
        for key in tensors.keys { tensors[key] = tensors[key]!.map { $0 * 2 } }
        TrainingParity.expectGradients(model, tensors, name + " doubled")
    }

    @Test(arguments: TrainingFixture.names.filter { !$0.hasSuffix("gloss") }, [false, true])
    func fiftyStepsEqualTorch(_ name: String, decays: Bool) throws {
        let fixture = try TrainingFixture.load(), item = fixture.named(name)
        guard !decays || item.kind == "full" else { return }
        let after = try TrainingFixture.tensors(name + (decays ? "-decay" : "-steps"))
        TrainingParity.expectSteps(
            try fixture.model(item), fixture, item, after: after, decay: decays ? fixture.decay : 0)
    }
}
