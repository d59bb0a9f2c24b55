import Testing

@testable import Train

@Suite struct StepPlanTests {
    @Test func epochsEndWithWhatIsLeft() {
        let plan = StepPlan(examples: 10, batchSize: 4, accumulation: 1, epochs: 2, maxSteps: nil)
        #expect(plan.stepsPerEpoch == 3 && plan.totalSteps == 6)
        let places = (1...6).map { plan.batches(step: $0) }
        #expect(places.map(\.epoch) == [0, 0, 0, 1, 1, 1])
        #expect(places.map(\.ranges) == [[0..<4], [4..<8], [8..<10], [0..<4], [4..<8], [8..<10]])
        #expect(plan.epochs(after: 3) == 1)
    }

    @Test func accumulatedStepsTakeSeveralBatches() {
        let plan = StepPlan(examples: 10, batchSize: 2, accumulation: 3, epochs: 1, maxSteps: nil)
        #expect(plan.stepsPerEpoch == 2)
        #expect(plan.batches(step: 1).ranges == [0..<2, 2..<4, 4..<6])
        #expect(plan.batches(step: 2).ranges == [6..<8, 8..<10])
    }

    @Test func validationsComeEveryQuarterEpochAndAtTheEnd() {
        let plan = StepPlan(examples: 100, batchSize: 10, accumulation: 1, epochs: 1, maxSteps: nil)
        let quarters = (1...10).filter { plan.validates(after: $0, every: .units(0.25)) }
        #expect(quarters == [3, 5, 8, 10])
        #expect(plan.validations(every: .units(0.25)) == 4 && plan.validations(every: .units(0.25), after: 5) == 2)
        #expect((1...10).filter { plan.validates(after: $0, every: .steps(4)) } == [4, 8, 10])
        // More often than there are steps is at every step.
        #expect(plan.validations(every: .units(0.001)) == 10)
    }

    @Test func stepsAreLimitedAndOverflowDoesNotHappen() {
        #expect(StepPlan(examples: 10, batchSize: 3, accumulation: 1, epochs: 9, maxSteps: 5).totalSteps == 5)
        let huge = StepPlan(examples: 1 << 32, batchSize: 1, accumulation: 1, epochs: .max, maxSteps: 7)
        #expect(huge.totalSteps == 7)
    }

    @Test func intervalsAreReadFromTheCommandLine() {
        #expect(StepInterval(argument: "0.25") == .units(0.25))
        #expect(StepInterval(argument: "200steps") == .steps(200) && StepInterval(argument: "1step") == .steps(1))
        for text in ["", "0", "-1", "0steps", "x", "1.5steps", "nan", "inf", "9999999999999999999999steps"] {
            #expect(StepInterval(argument: text) == nil, "\(text)")
        }
    }
}
