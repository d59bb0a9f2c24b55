import Testing

@testable import Evaluation

@Suite struct RetrievalAccuracyTests {
    /// Three sentences by hand. Queries 0 and 1 both lie nearest to candidate 0; candidate 2 to query 2.
    @Test func bothDirectionsByHand() throws {
        let queries = try VectorMatrix(name: "eng", [[1, 0, 0], [0.9, 0.5, 0], [0, 0, 1]])
        let candidates = try VectorMatrix(name: "fra", [[1, 0.1, 0], [0.2, 1, 0], [0, 0.1, 1]])
        let result = try RetrievalAccuracy(queries: queries, candidates: candidates, gold: [0, 1, 2], threads: 2)
        #expect(result.sentences == 3 && result.correctForward == 2 && result.correctReverse == 3)
        #expect(abs(result.accuracy - 2.0 / 3) < 1e-15 && result.accuracyReverse == 1)
    }

    @Test func equalSentencesGoToTheSmallestRow() throws {
        let queries = try VectorMatrix(name: "eng", [[1, 0], [0, 1]])
        let candidates = try VectorMatrix(name: "fra", [[1, 1], [1, 1]])
        let result = try RetrievalAccuracy(queries: queries, candidates: candidates, gold: [0, 1], threads: 1)
        #expect(result.correctForward == 1)
        #expect(result.correctReverse == 1)
    }

    @Test func aSentenceWithoutTranslationStaysInThePoolAndIsNotCounted() throws {
        let queries = try VectorMatrix(name: "eng", [[1, 0], [0, 1]])
        let candidates = try VectorMatrix(name: "fra", [[0.1, 1]])
        let result = try RetrievalAccuracy(queries: queries, candidates: candidates, gold: [nil, 0], threads: 1)
        #expect(result.sentences == 1 && result.accuracy == 1 && result.accuracyReverse == 1)
    }

    @Test func emptySides() throws {
        let empty = try VectorMatrix(name: "e", rows: 0, dimension: 2) { _ in }
        let one = try VectorMatrix(name: "o", [[1, 0]])
        #expect(try RetrievalAccuracy(queries: empty, candidates: one, gold: [], threads: 1).accuracy == 0)
        #expect(try RetrievalAccuracy(queries: one, candidates: empty, gold: [nil], threads: 1).sentences == 0)
    }
}
