import Foundation

@testable import Encoder

/// Goldens of tools/goldens/make-training-goldens, or those that tools/parity/check-engine-parity made for a real
/// checkpoint.
struct TrainingFixture: Decodable {
    struct Batch: Decodable {
        let ids: [Int32]
        let second_segment_start: Int
        let pooled: [Int]

        var sequence: TokenSequence {
            TokenSequence(ids: ids, secondSegmentStart: second_segment_start, pooled: pooled[0]..<pooled[1])
        }
    }

    struct Case: Decodable {
        let name: String
        let checkpoint: String
        let kind: String
        let batch: [Batch]
        let steps: [[Batch]]
    }

    let rate: Double
    let decay: Double
    let step_count: Int
    let reduction: Int
    let cases: [Case]

    static let folder = Fixtures.folder + "/training"
    static let liveFolder = ProcessInfo.processInfo.environment["POLYLEX_TRAINING_GOLDENS"]
    static let liveCheckpoint = ProcessInfo.processInfo.environment["POLYLEX_TRAINING_CHECKPOINT"]
    static let names =
        ["tiny-bert", "tiny-xlmr"].flatMap { shape in ["full", "adapter", "gloss"].map { "\(shape)-\($0)" } }
        + ["tiny-distilbert", "tiny-modernbert"].flatMap { shape in ["full", "adapter"].map { "\(shape)-\($0)" } }

    static func load(_ folder: String = folder) throws -> TrainingFixture {
        try JSONDecoder().decode(
            TrainingFixture.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/batches.json")))
    }

    func named(_ name: String) -> Case { cases.first { $0.name == name }! }

    static func tensors(_ name: String, in folder: String = folder) throws -> [String: [Float]] {
        try TestTensor.read("\(folder)/\(name).safetensors").mapValues(\.floats)
    }

    /// A model as the golden's; adapters get the golden's initial weights.
    func model(
        _ item: Case, threads: Int = 2, checkpoint folder: String? = nil, goldens: String = folder
    ) throws -> TrainableTransformer {
        let checkpoint = try Checkpoint(folder: folder ?? "\(Fixtures.folder)/\(item.checkpoint)")
        let method: TrainingMethod = item.kind == "adapter" ? .adapter(reduction: reduction, seed: 1) : .full
        let model = try TrainableTransformer(checkpoint, method: method, threads: threads)
        if item.kind == "adapter" {
            let tensors = try Self.tensors(item.name + "-gradients", in: goldens)
            for name in model.parameterNames { model.setValues(tensors["initial/" + name]!, of: name) }
        }
        return model
    }
}

extension TrainableTransformer {
    /// Vectors [B, C] of a forward pass.
    func vectors(_ batch: [TokenSequence], dropout: DropoutKey? = nil) -> [Float] {
        var out = [Float](repeating: .nan, count: batch.count * configuration.hiddenSize)
        forward(batch, dropout: dropout, into: &out)
        return out
    }

    func encoded(_ batch: [TokenSequence]) -> [Float] {
        var out = [Float](repeating: .nan, count: batch.count * configuration.hiddenSize)
        encoder.encode(batch, into: &out)
        return out
    }
}
