import Testing

@testable import Train

@Suite struct LearningRateScheduleTests {
    private func rates(_ shape: LearningRateSchedule.Shape, warmup: Int, steps: [Int]) -> [Double] {
        let schedule = LearningRateSchedule(peak: 2, shape: shape, warmupSteps: warmup, totalSteps: 10)
        return steps.map(schedule.rate)
    }

    /// Values of transformers' schedules for ten steps, its step k being our k + 1.
    @Test func ratesAreThoseOfTransformers() {
        #expect(rates(.constant, warmup: 0, steps: [1, 5, 10]) == [2, 2, 2])
        #expect(rates(.constant, warmup: 4, steps: [1, 2, 3, 4, 5, 10]) == [0, 0.5, 1, 1.5, 2, 2])
        #expect(rates(.linear, warmup: 0, steps: [1, 6, 10]).map { ($0 * 1e9).rounded() } == [2e9, 1e9, 0.2e9])
        #expect(
            rates(.linear, warmup: 2, steps: [1, 2, 3, 7, 10]).map { ($0 * 1e9).rounded() } == [
                0, 1e9, 2e9, 1e9, 0.25e9,
            ])
        #expect(rates(.cosine, warmup: 0, steps: [1, 6]).map { ($0 * 1e9).rounded() } == [2e9, 1e9])
        #expect(rates(.cosine, warmup: 2, steps: [3, 7]).map { ($0 * 1e9).rounded() } == [2e9, 1e9])
    }
}
