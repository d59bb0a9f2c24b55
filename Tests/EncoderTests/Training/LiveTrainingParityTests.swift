import Foundation
import Testing

@testable import Encoder

/// Run by tools/parity/check-engine-parity, which makes goldens of a real checkpoint.
@Suite(.serialized, .enabled(if: TrainingFixture.liveFolder != nil, "tools/parity/check-engine-parity runs these"))
struct LiveTrainingParityTests {
    @Test(arguments: ["full", "adapter", "gloss"])
    func aRealCheckpointTrainsAsInTorch(_ kind: String) throws {
        let folder = try #require(TrainingFixture.liveFolder), checkpoint = try #require(TrainingFixture.liveCheckpoint)
        let fixture = try TrainingFixture.load(folder)
        let item = try #require(fixture.cases.first { $0.kind == kind })
        let tensors = try TrainingFixture.tensors(item.name + "-gradients", in: folder)
        let model = try fixture.model(item, checkpoint: checkpoint, goldens: folder)
        let batch = item.batch.map(\.sequence)
        #expect(relativeError(model.vectors(batch), tensors["vectors"]!) <= TrainingParity.vectorTolerance)
        model.backward(tensors["vector_gradients"]!)
        TrainingParity.expectGradients(model, tensors, item.name)
        guard kind != "gloss" else { return }
        let after = try TrainingFixture.tensors(item.name + "-steps", in: folder)
        TrainingParity.expectSteps(model, fixture, item, after: after, decay: 0, changeOfZeros: true)
        // What the script loads with transformers and adapters.
        try model.writeCheckpoint(to: "\(folder)/\(item.name)-written", extraFiles: [:])
        let vectors = model.encoded(batch), bytes = vectors.withUnsafeBytes { Data($0) }
        let tensor = TestTensor(type: "F32", shape: [batch.count, model.configuration.hiddenSize], bytes: bytes)
        try TestTensor.write(["vectors": tensor], to: "\(folder)/\(item.name)-written.safetensors")
    }
}
