import Foundation
import Kernels
import Testing

@testable import Encoder

@Suite struct TransformerEncoderTests {
    /// ‖a − b‖ / ‖b‖ against Hugging Face in float32: the bound of the issue; tiny shapes stay below a tenth of it.
    static let parityTolerance: Float = 2e-5

    @Test(arguments: Fixtures.checkpoints)
    func hiddenStatesEqualHuggingFace(_ name: String) throws {
        let encoder = try TransformerEncoder(Checkpoint(folder: "\(Fixtures.folder)/\(name)"))
        let cases = try Fixtures.golden(name).cases
        let ours = Fixtures.encode(encoder, cases.map(\.sequence))
        for (row, golden) in cases.enumerated() {
            #expect(golden.layers.count == encoder.configuration.layerCount + 1)
            for (layer, expected) in golden.layers.enumerated() {
                let error = relativeError(ours[layer][row], expected)
                #expect(error <= Self.parityTolerance, "\(name) case \(row) layer \(layer): \(error)")
            }
        }
    }

    @Test(arguments: Fixtures.checkpoints)
    func portableKernelsGiveTheSameStates(_ name: String) throws {
        let encoder = try TransformerEncoder(Checkpoint(folder: "\(Fixtures.folder)/\(name)"))
        let cases = try Fixtures.golden(name).cases
        let ours = Arithmetic.withPortable { Fixtures.encode(encoder, cases.map(\.sequence)) }
        for (row, golden) in cases.enumerated() {
            for (layer, expected) in golden.layers.enumerated() {
                #expect(relativeError(ours[layer][row], expected) <= Self.parityTolerance)
            }
        }
    }

    @Test(arguments: Fixtures.checkpoints)
    func layersAskedForAreTheSameAsAllLayers(_ name: String) throws {
        let encoder = try TransformerEncoder(Checkpoint(folder: "\(Fixtures.folder)/\(name)"))
        let batch = try Fixtures.golden(name).cases.map(\.sequence)
        let all = Fixtures.encode(encoder, batch), last = encoder.configuration.layerCount
        for layers in [[0], [1], [last], [0, last], Array(1...last)] {
            let some = Fixtures.encode(encoder, batch, layers: layers)
            for (index, layer) in layers.enumerated() {
                for row in batch.indices {
                    // A block that computes pooled rows only runs the same sums over the same numbers.
                    #expect(some[index][row] == all[layer][row], "layer \(layer) of \(layers), row \(row)")
                }
            }
        }
    }

    @Test func anEncoderOfFewerBlocksGivesTheSameLowerLayers() throws {
        let checkpoint = try Checkpoint(folder: "\(Fixtures.folder)/tiny-bert")
        let batch = try Fixtures.golden("tiny-bert").cases.map(\.sequence)
        let short = Fixtures.encode(try TransformerEncoder(checkpoint, highestLayer: 1), batch, layers: [0, 1])
        let full = Fixtures.encode(try TransformerEncoder(checkpoint), batch)
        #expect(short[0] == full[0])
        #expect(short[1] == full[1])
    }

    /// Bitwise, which is more than the 1e-6 the issue asks for: resumed and undisturbed builds must agree to the bit.
    @Test(arguments: Fixtures.checkpoints)
    func aVectorDoesNotDependOnItsBatch(_ name: String) throws {
        let encoder = try TransformerEncoder(Checkpoint(folder: "\(Fixtures.folder)/\(name)"))
        let sequences = try Fixtures.golden(name).cases.map(\.sequence)
        let alone = sequences.map { Fixtures.encode(encoder, [$0]) }
        // Every rotation, repeated so that batches straddle several passes.
        for shift in sequences.indices {
            let rotated = (0..<(5 * sequences.count)).map { sequences[($0 + shift) % sequences.count] }
            let together = Fixtures.encode(encoder, rotated)
            for layer in together.indices {
                for (row, vector) in together[layer].enumerated() {
                    let original = (row + shift) % sequences.count
                    guard vector == alone[original][layer][0] else {
                        Issue.record("\(name): sequence \(original) differs at layer \(layer) in row \(row)")
                        return
                    }
                }
            }
        }
    }

    @Test func operationsAreCounted() throws {
        let encoder = try TransformerEncoder(Checkpoint(folder: "\(Fixtures.folder)/tiny-bert"))
        // One block, T = 4, two pooled rows, C = 32, I = 64: keys and values of four rows, the rest of two.
        let keyValue: Double = 2 * 4 * 32 * 64
        let rest: Double = 2 * 2 * (2 * 32 * 32 + 2 * 32 * 64)
        let attention: Double = 4 * 32 * 2 * 4
        let one = keyValue + rest + attention
        #expect(encoder.floatingPointOperations(lengths: [4], upToLayer: 1) == one)
        #expect(encoder.floatingPointOperations(lengths: [4, 4], upToLayer: 1) == 2 * one)
        #expect(encoder.floatingPointOperations(lengths: [4], upToLayer: 0) == 0)
    }
}

/// ‖a − b‖ / ‖b‖ in double.
func relativeError(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    var difference = 0.0, norm = 0.0
    for (x, y) in zip(a, b) {
        difference += Double(x - y) * Double(x - y)
        norm += Double(y) * Double(y)
    }
    return Float((difference / norm).squareRoot())
}
