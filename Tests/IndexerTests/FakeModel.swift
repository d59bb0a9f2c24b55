import Encoder
import Fingerprinting
import Store
import Synchronization
import TestSupport

@testable import Indexer

/// A model whose vectors are a hash of the ids, and which counts what it is asked for.
final class FakeModel: Sendable {
    static let dimension = 8

    let encodedSequences = Atomic<Int>(0)
    let tokenizersMade = Atomic<Int>(0)
    let encodersMade = Atomic<Int>(0)
    let version: UInt64
    let layerCount: Int
    /// A text whose vector is NaN at layer 1.
    let poisoned: String?

    init(version: UInt64 = 1, layerCount: Int = 2, poisoned: String? = nil) {
        self.version = version
        self.layerCount = layerCount
        self.poisoned = poisoned
    }

    func model(_ name: String = "fake") -> EncodingModel {
        EncodingModel(
            record: CheckpointRecord(
                name: name, fingerprint: Fingerprint(high: version, low: 1), source: "/models/fake",
                architecture: "bert",
                hiddenSize: Self.dimension, layerCount: layerCount, vocabularySize: 300, training: nil),
            maximumLength: 16,
            makeTokenizer: {
                self.tokenizersMade.wrappingAdd(1, ordering: .relaxed)
                return ByteTokenizer()
            },
            makeEngine: { _, _ in
                self.encodersMade.wrappingAdd(1, ordering: .relaxed)
                return HashEngine(model: self)
            })
    }

    /// What the store must hold, before normalisation.
    func vector(_ sequence: TokenSequence, layer: Int) -> [Float] {
        var state = UInt64(layer + 1) &* 77 &+ version
        for id in sequence.ids { state = state &* 6_364_136_223_846_793_005 &+ UInt64(UInt32(bitPattern: id)) }
        var random = SeededGenerator(state: state)
        return (0..<Self.dimension).map { _ in Float(random.next() % 2001) / 1000 - 1 }
    }

    func vector(_ text: String, layer: Int) -> [Float] {
        let ids = [1] + ByteTokenizer().subwords(text) + [2]
        return vector(TokenSequence(ids: ids, pooled: 1..<(ids.count - 1)), layer: layer)
    }
}

/// One id a byte, ASCII letters lower-cased; spaces vanish; the text "</s>" is the separator.
struct ByteTokenizer: Tokenizer {
    var vocabularySize: Int { 300 }
    var specialTokens: SpecialTokens {
        SpecialTokens(start: 1, separator: 2, padding: 0, unknown: 3, pairSeparators: 1, secondSegmentType: 1)
    }

    func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
        if utf8.elementsEqual("</s>".utf8) {
            ids.append(2)
            return
        }
        for byte in utf8 where byte != 0x20 {
            ids.append(10 + Int32((65...90).contains(byte) ? byte + 32 : byte))
        }
    }

    func lowercasing() -> any Tokenizer { self }
}

private struct HashEngine: EncodingEngine {
    let model: FakeModel
    var dimension: Int { FakeModel.dimension }
    var layerCount: Int { model.layerCount }
    var maximumLength: Int { 16 }

    func makeWorker() -> any EncodingWorker { Worker(model: model) }
    func operations(length: Int, upToLayer layer: Int) -> Double { Double(length * layer) }

    private final class Worker: EncodingWorker {
        private let model: FakeModel

        init(model: FakeModel) { self.model = model }

        func encode(_ batch: [TokenSequence], layers: [Int], into output: UnsafeMutablePointer<Float>) {
            let poisoned = model.poisoned.map { [1] + ByteTokenizer().subwords($0) + [2] }
            for (index, layer) in layers.enumerated() {
                for (position, sequence) in batch.enumerated() {
                    let vector = model.vector(sequence, layer: layer)
                    let start = output + (index * batch.count + position) * FakeModel.dimension
                    for i in vector.indices { start[i] = vector[i] }
                    if layer == 1, sequence.ids == poisoned { start[3] = .nan }
                }
            }
            model.encodedSequences.wrappingAdd(batch.count, ordering: .relaxed)
        }
    }
}
