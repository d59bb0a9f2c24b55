import TestSupport
import Testing

@testable import Evaluation

/// Dictionaries of whole vocabularies against a computation that holds every cosine in double.
@Suite struct InducedDictionaryTests {
    private static let dimension = 6

    private func matrix(_ name: String, _ count: Int, seed: UInt64) throws -> VectorMatrix {
        var random = SeededGenerator(state: seed)
        return try VectorMatrix(name: name, (0..<count).map { _ in (0..<Self.dimension).map { _ in random.unit() } })
    }

    /// The definition, in double: every score, then the largest of rows and columns.
    private func expected(
        _ sources: VectorMatrix, _ targets: VectorMatrix, isScaled: Bool, selection: InducedDictionary.Selection
    ) -> [InducedDictionary.Pair] {
        let N = sources.rowCount, M = targets.rowCount
        var scores = (0..<N).map { s in (0..<M).map { sources.innerProduct(s, with: targets, row: $0) } }
        if isScaled {
            func mean(_ cosines: [Double]) -> Double {
                let best = cosines.sorted(by: >).prefix(10)
                return best.reduce(0, +) / Double(best.count)
            }
            let rows = scores.map(mean), columns = (0..<M).map { t in mean(scores.map { $0[t] }) }
            scores = (0..<N).map { s in (0..<M).map { 2 * scores[s][$0] - rows[s] - columns[$0] } }
        }
        func largest(_ values: [Double]) -> Int { values.indices.max { values[$0] < values[$1] } ?? 0 }
        let forward = scores.map(largest), backward = (0..<M).map { t in largest(scores.map { $0[t] }) }
        return (0..<N).filter { selection == .forward || backward[forward[$0]] == $0 }
            .map { .init(source: $0, target: forward[$0], score: scores[$0][forward[$0]]) }
    }

    @Test(arguments: [true, false], InducedDictionary.Selection.allCases)
    func asTheDefinitionSays(isScaled: Bool, selection: InducedDictionary.Selection) throws {
        for (count, other) in [(300, 410), (7, 5), (1, 1)] {
            let sources = try matrix("sources", count, seed: 3), targets = try matrix("targets", other, seed: 4)
            var steps = 0
            let found = try InducedDictionary.pairs(
                sources: sources, targets: targets, isScaled: isScaled, selection: selection, threads: 2
            ) { steps += $0 }
            let wanted = expected(sources, targets, isScaled: isScaled, selection: selection)
            #expect(found.map(\.source) == wanted.map(\.source) && found.map(\.target) == wanted.map(\.target))
            for (a, b) in zip(found, wanted) { #expect(abs(a.score - b.score) < 1e-6) }
            #expect(!found.isEmpty && (selection == .mutual || found.count == count))
            #expect(steps == (isScaled ? count + other : 0) + count + (selection == .mutual ? other : 0))
        }
    }

    @Test func equalScoresGoToTheSmallestRowAndNothingToNothing() throws {
        let twins = try VectorMatrix(name: "twins", [[1, 0], [1, 0], [0, 1]])
        let one = try VectorMatrix(name: "one", [[1, 0], [0.1, 1]])
        let pairs = try InducedDictionary.pairs(
            sources: one, targets: twins, isScaled: false, selection: .mutual, threads: 1)
        #expect(pairs.map { [$0.source, $0.target] } == [[0, 0], [1, 2]])
        let none = FirstRows(0, of: one)
        #expect(
            try InducedDictionary.pairs(sources: none, targets: twins, isScaled: true, selection: .mutual, threads: 1)
                .isEmpty)
        #expect(FirstRows(9, of: one).rowCount == 2 && FirstRows(1, of: one).rowCount == 1)
    }
}
