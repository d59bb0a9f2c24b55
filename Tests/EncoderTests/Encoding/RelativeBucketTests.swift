import Testing

@testable import Encoder

@Suite struct RelativeBucketTests {
    /// As transformers' `relative_position_bucket` gives them, for the key's place less the query's.
    @Test func bucketsAreThoseOfTransformers() {
        let far = [0, 1, 7, 8, 11, 12, 15, 16, 22, 23, 31, 32, 45, 46, 63, 64, 90, 91, 127, 128, 500]
        let expected = [0, 1, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15, 15, 15]
        for (distance, bucket) in zip(far, expected) {
            #expect(AttentionPositions.bucket(-distance, of: 32) == bucket, "\(-distance)")
            if distance > 0 { #expect(AttentionPositions.bucket(distance, of: 32) == 16 + bucket, "\(distance)") }
        }
    }
}
