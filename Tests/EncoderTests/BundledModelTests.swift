import Foundation
import Testing

@testable import Encoder

/// models/mini, the model that comes with the repository, against what transformers makes of it
/// (tools/goldens/make-mini-goldens).
@Suite struct BundledModelTests {
    private struct Golden: Decodable {
        struct Word: Decodable {
            let word: String
            let ids: [Int32]
            let layers: [[Float]]
        }
        let words: [Word]
    }

    /// Both read the same half-precision weights and sum in float32, in different orders.
    private static let tolerance: Float = 2e-5

    @Test func idsAndVectorsAreThoseOfTransformers() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appendingPathComponent("models/mini").path
        let golden = try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: URL(fileURLWithPath: "\(Fixtures.folder)/mini.json")))
        let tokenizer = try TokenizerFolder.load(folder)
        let engine = try CPUEngine(Checkpoint(folder: folder))
        #expect(golden.words.count == 12)
        for expected in golden.words {
            let ids =
                [tokenizer.specialTokens.start] + tokenizer.subwords(expected.word) + [
                    tokenizer.specialTokens.separator
                ]
            #expect(ids == expected.ids, "\(expected.word)")
            let layers = Fixtures.encode(
                engine, [TokenSequence(ids: expected.ids, pooled: 1..<(expected.ids.count - 1))])
            #expect(layers.count == expected.layers.count)
            for (layer, vector) in expected.layers.enumerated() {
                let error = relativeError(layers[layer][0], vector)
                #expect(error <= Self.tolerance, "\(expected.word), layer \(layer): \(error)")
            }
        }
    }
}
