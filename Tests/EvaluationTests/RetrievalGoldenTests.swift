import Foundation
import Testing

@testable import Evaluation

/// Against scikit-learn, as MTEB calls it: `tools/goldens/make-retrieval-goldens`.
@Suite struct RetrievalGoldenTests {
    private struct Goldens: Decodable {
        struct Measures: Decodable {
            let precision: Double
            let recall: Double
            let f1: Double

            func agree(with found: RetrievalMeasures) -> Bool {
                abs(found.precision - precision) < 1e-12 && abs(found.recall - recall) < 1e-12
                    && abs(found.f1 - f1) < 1e-12
            }
        }

        struct Lists: Decodable {
            let gold: [Int]
            let retrieved: [Int]
            let precision: Double
            let recall: Double
            let f1: Double
        }

        struct Directions: Decodable {
            let forward: Measures
            let reverse: Measures
        }

        struct Vectors: Decodable {
            let queries: [[Float]]
            let candidates: [[Float]]
            let gold: [Int?]
            let cosine: Directions
            let margin: Directions
        }

        let lists: [Lists]
        let vectors: Vectors
    }

    private let goldens: Goldens

    init() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/retrieval.json")
        goldens = try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: path))
    }

    @Test func retrievedRows() {
        #expect(goldens.lists.count == 4)
        for golden in goldens.lists {
            let expected = Goldens.Measures(precision: golden.precision, recall: golden.recall, f1: golden.f1)
            #expect(expected.agree(with: RetrievalMeasures(retrieved: golden.retrieved, gold: golden.gold)))
        }
    }

    @Test(arguments: RetrievalScoring.allCases)
    func sentencesOfBothSides(_ scoring: RetrievalScoring) throws {
        let golden = goldens.vectors
        let result = try RetrievalAccuracy(
            queries: VectorMatrix(name: "q", golden.queries), candidates: VectorMatrix(name: "c", golden.candidates),
            gold: golden.gold, scoring: scoring, threads: 2)
        let expected = scoring == .cosine ? golden.cosine : golden.margin
        #expect(expected.forward.agree(with: result.measures), "\(result.measures)")
        #expect(expected.reverse.agree(with: result.measuresReverse), "\(result.measuresReverse)")
        // What ranks say and what is retrieved are the same thing.
        #expect(result.measures.recall == result.accuracy && result.measuresReverse.recall == result.accuracyReverse)
        #expect(result.accuracy > 0.3 && result.accuracy < 1 && golden.gold.contains(nil))
    }
}
