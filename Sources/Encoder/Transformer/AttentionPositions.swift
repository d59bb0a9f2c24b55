import Foundation
import Kernels

/// What a family's attention knows of places beyond the embeddings: rotary angles, biases by distance. Shared by all
/// blocks.
final class AttentionPositions: Sendable {
    private let tables: [(base: Double, table: RotaryTable)]
    let bias: RelativeBias?

    /// - Throws: `CheckpointError` (missing, misshapen, not finite).
    init(_ tensors: CheckpointTensors, configuration: TransformerConfiguration) throws {
        let bases = Set(configuration.reach.compactMap(\.rotaryBase)).sorted()
        tables = bases.map {
            ($0, RotaryTable(base: $0, headSize: configuration.headSize, length: configuration.maximumLength))
        }
        bias = try Self.bias(tensors, configuration)
    }

    func rotary(_ base: Double?) -> RotaryTable? {
        base.flatMap { base in tables.first { $0.base == base }?.table }
    }

    private static func bias(
        _ tensors: CheckpointTensors, _ configuration: TransformerConfiguration
    ) throws -> RelativeBias? {
        guard let name = configuration.names.relativeBias else { return nil }
        let H = configuration.headCount, buckets = configuration.relativeBuckets
        let table = ParameterTensor([(ParameterSlice(name), [buckets, H])], decays: false, use: .inference)
        try table.read(tensors)
        return RelativeBias(length: configuration.maximumLength, heads: H) { head, distance in
            table.value.pointer[bucket(distance, of: buckets) * H + head]
        }
    }

    /// The bucket of a key's place less the query's: one for each small distance, wider ones further away, half of them
    /// for each direction. In float32, as transformers computes it.
    /// - Source: T5's bidirectional buckets (Raffel et al. 2020); transformers' MPNetEncoder.relative_position_bucket.
    static func bucket(_ distance: Int, of buckets: Int, furthest: Int = 128) -> Int {
        let half = buckets / 2, exact = half / 2, far = abs(distance)
        let side = distance > 0 ? half : 0
        if far < exact { return side + far }
        let share = logf(Float(far) / Float(exact)) / Float(log(Double(furthest) / Double(exact)))
        return side + min(half - 1, exact + Int(share * Float(half - exact)))
    }
}
