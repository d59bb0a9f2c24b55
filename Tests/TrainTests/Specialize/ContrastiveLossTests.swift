import Foundation
import Testing

@testable import Train

@Suite struct ContrastiveLossTests {
    /// float32 products of 8 to 32 values, divided by τ: the issue's own bounds.
    private static let lossTolerance = 1e-5
    private static let gradientTolerance = 1e-4
    /// Central differences of a double function with step 1e-5.
    private static let differenceTolerance = 2e-4

    struct Golden: Decodable {
        struct Result: Decodable {
            let loss: Double
            let gradient: [[Double]]
        }
        struct Case: Decodable {
            let name: String
            let temperature: Double
            let labels: [UInt32]
            let vectors: [[Float]]
            let ntxent: Result
            let supcon: Result
        }
        let cases: [Case]
    }

    static func fixture(_ name: String) throws -> Data {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try Data(contentsOf: folder.appendingPathComponent("Fixtures/\(name)"))
    }

    static func evaluate(
        _ objective: ContrastiveObjective, temperature: Double, vectors: [[Float]], labels: [UInt32]
    ) -> (outcome: ContrastiveLoss.Outcome, gradient: [Float]) {
        let dimension = vectors[0].count
        var gradient = [Float](repeating: 7, count: labels.count * dimension)
        let outcome = ContrastiveLoss(objective: objective, temperature: temperature)
            .evaluate(vectors: vectors.flatMap { $0 }, dimension: dimension, labels: labels, into: &gradient)
        return (outcome, gradient)
    }

    private static func distance(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }

    private static func norm(_ a: [Double]) -> Double { distance(a, a.map { _ in 0 }) }

    @Test func agreesWithTheLibrary() throws {
        let golden = try JSONDecoder().decode(Golden.self, from: Self.fixture("loss-goldens.json"))
        #expect(golden.cases.count >= 8)
        for example in golden.cases {
            for (objective, expected) in [(ContrastiveObjective.ntxent, example.ntxent), (.supcon, example.supcon)] {
                let (outcome, gradient) = Self.evaluate(
                    objective, temperature: example.temperature, vectors: example.vectors, labels: example.labels)
                let what = "\(example.name) \(objective)"
                #expect(
                    abs(outcome.loss - expected.loss) <= Self.lossTolerance * expected.loss, "\(what): \(outcome.loss)")
                let wanted = expected.gradient.flatMap { $0 }
                #expect(
                    Self.distance(gradient.map(Double.init), wanted) <= Self.gradientTolerance * Self.norm(wanted),
                    "\(what)")
            }
        }
    }

    @Test func withoutPositivesOrNegativesTheLossIsZero() {
        for (labels, cosine) in [([0, 1, 2, 3], false), ([4, 4, 4, 4], true), ([9], false)] as [([UInt32], Bool)] {
            let vectors = labels.indices.map { [Float($0) + 1, 2, -1] }
            for objective in ContrastiveObjective.allCases {
                let (outcome, gradient) = Self.evaluate(objective, temperature: 0.07, vectors: vectors, labels: labels)
                #expect(outcome.loss == 0)
                #expect(gradient.allSatisfy { $0 == 0 })
                #expect(outcome.positiveCosine.isFinite == cosine)
            }
        }
    }

    /// The definition, pair by pair and in double.
    private static func naive(
        _ objective: ContrastiveObjective, temperature: Double, _ vectors: [[Double]], _ labels: [UInt32]
    ) -> Double {
        let unit = vectors.map { row in row.map { $0 / norm(row) } }
        func s(_ i: Int, _ j: Int) -> Double { zip(unit[i], unit[j]).reduce(0) { $0 + $1.0 * $1.1 } / temperature }
        let all = labels.indices
        var total = 0.0, count = 0.0
        for i in all {
            let others = all.filter { $0 != i }
            let positives = others.filter { labels[$0] == labels[i] }
            if positives.isEmpty { continue }
            switch objective {
            case .ntxent:
                let negatives = others.filter { labels[$0] != labels[i] }.reduce(0) { $0 + exp(s(i, $1)) }
                for p in positives { total -= log(exp(s(i, p)) / (exp(s(i, p)) + negatives)) }
                count += Double(positives.count)
            case .supcon:
                let sum = others.reduce(0) { $0 + exp(s(i, $1)) }
                total -= positives.reduce(0) { $0 + log(exp(s(i, $1)) / sum) } / Double(positives.count)
                count += 1
            }
        }
        return total / count
    }

    private static func random(_ rows: Int, _ dimension: Int, seed: UInt64) -> [[Float]] {
        let random = CounterRandom(seed: seed, stream: 0)
        return (0..<rows).map { i in
            (0..<dimension).map { Float(random.fraction(UInt64(i * dimension + $0)) * 2 - 1) }
        }
    }

    @Test(arguments: ContrastiveObjective.allCases) func gradientIsThatOfFiniteDifferences(
        objective: ContrastiveObjective
    ) {
        let labels: [UInt32] = [3, 1, 3, 2, 1, 2, 3, 9]
        let vectors = Self.random(labels.count, 6, seed: 5)
        let (outcome, gradient) = Self.evaluate(objective, temperature: 0.2, vectors: vectors, labels: labels)
        let exact = vectors.map { $0.map(Double.init) }
        let loss = Self.naive(objective, temperature: 0.2, exact, labels)
        #expect(abs(outcome.loss - loss) <= Self.lossTolerance * loss)
        let step = 1e-5
        var differences: [Double] = []
        for i in labels.indices {
            for c in 0..<6 {
                var (up, down) = (exact, exact)
                up[i][c] += step
                down[i][c] -= step
                differences.append(
                    (Self.naive(objective, temperature: 0.2, up, labels)
                        - Self.naive(objective, temperature: 0.2, down, labels)) / (2 * step))
            }
        }
        #expect(
            Self.distance(gradient.map(Double.init), differences) <= Self.differenceTolerance * Self.norm(differences))
    }

    /// A cold temperature sends exp(cos / τ) past every float; the loss is known in closed form here.
    @Test func largeQuotientsStayFinite() {
        let vectors: [[Float]] = [[1, 0], [-1, 0], [1, 0], [-1, 0]]
        for temperature in [0.01, 0.001] {
            let (outcome, gradient) = Self.evaluate(
                .ntxent, temperature: temperature, vectors: vectors, labels: [0, 0, 1, 1])
            // One negative as near as can be and one opposite, the positive opposite: log(1 + e^(2/τ) + 1) - …
            #expect(abs(outcome.loss - 2 / temperature) < 1e-3)
            #expect(gradient.allSatisfy { $0.isFinite })
        }
        let apart: [[Float]] = [[1, 0], [1, 0], [-1, 0], [-1, 0]]
        let (outcome, gradient) = Self.evaluate(.ntxent, temperature: 0.001, vectors: apart, labels: [0, 0, 1, 1])
        #expect(outcome.loss == 0 && gradient.allSatisfy { $0 == 0 })
        #expect(outcome.positiveCosine == 1 && outcome.positivePairs == 4)
    }

    @Test func vectorsOfLengthZeroAndRepeatedCallsAreDefined() {
        let loss = ContrastiveLoss(objective: .ntxent, temperature: 0.07)
        let labels: [UInt32] = [0, 0, 1, 1]
        let vectors: [Float] = [0, 0, 1, 2, 3, -1, 2, 2]
        var first = [Float](repeating: 0, count: 8), second = first, other = [Float](repeating: 0, count: 40)
        let outcome = loss.evaluate(vectors: vectors, dimension: 2, labels: labels, into: &first)
        #expect(outcome.loss.isFinite)
        _ = loss.evaluate(
            vectors: Self.random(8, 5, seed: 1).flatMap { $0 }, dimension: 5, labels: [0, 1, 2, 3, 0, 1, 2, 3],
            into: &other)
        #expect(loss.evaluate(vectors: vectors, dimension: 2, labels: labels, into: &second) == outcome)
        #expect(first == second)
    }
}
