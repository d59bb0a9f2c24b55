import Foundation
import Testing

@testable import Train

@Suite struct DistillationLossTests {
    /// The sums are in double; torch divides by the teacher's length, which is 1 up to float32's rounding.
    private static let lossTolerance = 1e-7
    private static let gradientTolerance = 1e-6

    private struct Golden: Decodable {
        struct Result: Decodable {
            let loss: Double
            let gradient: [[Double]]
        }
        struct Case: Decodable {
            let name: String
            let student: [[Float]]
            let teacher: [[Float]]
            let cosine: Result
            let mse: Result
        }
        let cases: [Case]
    }

    private func evaluate(
        _ objective: DistillationObjective, student: [[Float]], teacher: [[Float]]
    ) -> (outcome: BatchOutcome, gradient: [Float]) {
        let C = student.first?.count ?? 1
        var gradient = [Float](repeating: 7, count: student.count * C)
        let outcome = DistillationLoss(objective: objective).evaluate(
            vectors: student.flatMap { $0 }, targets: teacher.flatMap { $0 }, count: student.count, dimension: C,
            into: &gradient)
        return (outcome, gradient)
    }

    @Test func agreesWithTorch() throws {
        let golden = try JSONDecoder().decode(
            Golden.self, from: ContrastiveLossTests.fixture("distillation-goldens.json"))
        #expect(golden.cases.count == 3)
        for example in golden.cases {
            for (objective, expected) in [
                (DistillationObjective.cosine, example.cosine), (.mse, example.mse),
            ] {
                let (outcome, gradient) = evaluate(objective, student: example.student, teacher: example.teacher)
                #expect(
                    abs(outcome.loss - expected.loss) <= Self.lossTolerance * max(1, expected.loss),
                    "\(example.name) \(objective): \(outcome.loss), expected \(expected.loss)")
                let wanted = expected.gradient.flatMap { $0 }
                let largest = wanted.map(\.magnitude).max() ?? 0
                #expect(
                    zip(gradient, wanted).allSatisfy {
                        abs(Double($0) - $1) <= Self.gradientTolerance * largest
                    }, "\(example.name) \(objective)")
                // Whatever is made small, the cosine says how near the student is.
                #expect(
                    abs(outcome.cosine - (1 - example.cosine.loss)) <= Self.lossTolerance
                        && outcome.comparisons == wanted.count / example.student[0].count)
            }
        }
    }

    @Test func aVectorOfLengthZeroHasAFiniteGradient() {
        let (outcome, gradient) = evaluate(.cosine, student: [[0, 0, 0]], teacher: [[1, 0, 0]])
        #expect(outcome.loss == 1 && outcome.cosine == 0)
        #expect(gradient.allSatisfy(\.isFinite) && gradient[0] < 0)
    }
}
