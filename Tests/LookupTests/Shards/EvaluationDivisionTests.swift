import Fingerprinting
import Testing

@testable import Lookup

@Suite struct EvaluationDivisionTests {
    /// Units of given weights, two layers each, in two neighbourhoods by turns.
    private static func planned(_ weights: [Double]) -> [PlannedResult] {
        weights.enumerated().flatMap { number, weight in
            (0..<2).map { layer in
                PlannedResult(
                    unit: "unit \(number)", neighbourhood: "place \(number % 2)",
                    key: Fingerprint(high: UInt64(number), low: UInt64(layer)), weight: weight)
            }
        }
    }

    @Test func everyUnitIsWholeAndDoneOnce() {
        let planned = Self.planned((0..<40).map { Double(1 + $0 * 7 % 11) })
        for count in [1, 2, 3, 7, 40, 200] {
            let division = EvaluationDivision(planned, task: "bli", count: count)
            #expect(division.unitCount == 40 && division.shards.count == 80)
            #expect(division.shards.allSatisfy { (0..<count).contains($0) })
            for unit in 0..<40 { #expect(division.shards[2 * unit] == division.shards[2 * unit + 1]) }
            #expect(division.shards == EvaluationDivision(planned, task: "bli", count: count).shards)
        }
    }

    /// A job has its share and at most one unit more; neighbourhoods are cut no more often than there are jobs.
    @Test func sharesAreEvenAndTogether() {
        let weights = (0..<60).map { Double(1 + $0 * 13 % 17) }
        let planned = Self.planned(weights)
        for count in [2, 5, 9] {
            let division = EvaluationDivision(planned, task: "bli", count: count)
            let share = 2 * weights.reduce(0, +) / Double(count)
            for shard in 0..<count {
                let own = planned.indices.filter { division.shards[$0] == shard }
                #expect(own.reduce(0) { $0 + planned[$1].weight } <= share + 2 * 17)
            }
            let visits = Set(planned.indices.map { "\(division.shards[$0]) \(planned[$0].neighbourhood)" })
            #expect(visits.count <= count + 1)
        }
    }

    @Test func identityIsOfEverythingThatIsEvaluated() {
        let planned = Self.planned([1, 2, 3])
        let known = EvaluationDivision(planned, task: "bli", count: 2).identity
        #expect(EvaluationDivision(planned, task: "bli", count: 2).identity == known)
        for other in [
            EvaluationDivision(planned, task: "bli", count: 3), EvaluationDivision(planned, task: "xlsim", count: 2),
            EvaluationDivision(Array(planned.dropLast()), task: "bli", count: 2),
            EvaluationDivision(planned.reversed(), task: "bli", count: 2),
        ] { #expect(other.identity != known) }
    }

    @Test func nothingToDivide() {
        let division = EvaluationDivision([], task: "bli", count: 4)
        #expect(division.unitCount == 0 && division.shards.isEmpty)
        // Weights of nothing: a vocabulary without rows.
        #expect(EvaluationDivision(Self.planned([0, 0]), task: "bli", count: 4).shards == [0, 0, 0, 0])
    }
}
