import Testing

@testable import Evaluation

/// Expected values: scipy.stats.spearmanr, SciPy 1.17.1, with nan_policy="omit".
@Suite struct SpearmanCorrelationTests {
    @Test func goldenValuesOfScipy() {
        #expect(close(rho([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]), 0.8207826816681233))
        #expect(close(rho([1, 2, 3, 4], [4, 3, 2, 1]), -1))
        #expect(close(rho([0.1, 0.1, 0.2, 0.9, 0.9, 0.9], [3, 1, 2, 5, 5, 4]), 0.8454027929649519))
        #expect(close(rho([1, 1, 2, 2], [1, 2, 1, 2]), 0))
        #expect(
            close(
                rho([106, 100, 86, 101, 99, 103, 97, 113, 112, 110], [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]),
                -0.17575757575757575))
    }

    @Test func nanOnEitherSideIsLeftOut() {
        let result = SpearmanCorrelation([1, 2, .nan, 3, 4], [1, .nan, 2, 2, 3])
        #expect(result.pairs == 3 && result.omitted == 2)
        #expect(close(result.rho, 1))
    }

    @Test func constantOrTooShortGivesNaN() {
        #expect(rho([1, 1, 1], [1, 2, 3]).isNaN)
        #expect(rho([1], [2]).isNaN)
        #expect(rho([], []).isNaN)
    }

    /// Average ranks equal the definition (1 + smaller + half the other equals) for every list over three values.
    @Test func averageRanksOfEverySmallList() {
        for count in 0...6 {
            for code in 0..<Int((0..<count).reduce(1) { total, _ in total * 3 }) {
                var rest = code
                let values = (0..<count).map { _ -> Double in
                    defer { rest /= 3 }
                    return Double(rest % 3)
                }
                let expected = values.map { value in
                    1 + Double(values.filter { $0 < value }.count)
                        + Double(values.filter { $0 == value }.count - 1) / 2
                }
                #expect(SpearmanCorrelation.averageRanks(values) == expected)
            }
        }
    }

    private func rho(_ x: [Double], _ y: [Double]) -> Double { SpearmanCorrelation(x, y).rho }
    private func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-12 }
}
