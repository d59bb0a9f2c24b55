import Testing

@testable import Evaluation

@Suite struct HubnessTests {
    /// `scipy.stats.skew`, SciPy 1.15.3.
    @Test func skewnessIsScipys() {
        let occurrences = [0, 0, 1, 1, 2, 9, 0, 3]
        let hubness = Hubness(occurrences: occurrences)
        #expect(abs(hubness.skewness - 1.756718409510329) < 1e-12)
        #expect(hubness.orphanShare == 3.0 / 8)
        #expect(hubness.hubs(3).map(\.row) == [5, 7, 4])
        #expect(hubness.hubs(3).map(\.occurrences) == [9, 3, 2])
        #expect(hubness.hubs(100).count == 5)
    }

    @Test func evenAndEmpty() {
        #expect(Hubness(occurrences: [1, 1]).skewness == 0)
        let empty = Hubness(occurrences: [])
        #expect(empty.skewness == 0 && empty.orphanShare == 0)
    }

    /// `sklearn.metrics.{precision,recall,f1}_score(gold, retrieved, average="weighted", zero_division=0)`,
    /// scikit-learn 1.9.1.
    @Test func retrievalMeasuresAreScikitLearns() {
        let measures = RetrievalMeasures(retrieved: [0, 2, 2, 3, 3, 5, 1], gold: [0, 1, 2, 3, 4, 5, 5])
        #expect(abs(measures.precision - 0.5714285714285714) < 1e-15)
        #expect(abs(measures.recall - 0.5714285714285714) < 1e-15)
        #expect(abs(measures.f1 - 0.5238095238095237) < 1e-15)
        #expect(RetrievalMeasures(retrieved: [], gold: []).f1 == 0)
    }
}
