import Foundation
import Testing

@testable import Evaluation

/// Against the second implementation in NumPy: `tools/goldens/make-selection-goldens`.
@Suite struct LayerSelectionTests {
    private struct Goldens: Decodable {
        struct OtherPairs: Decodable {
            let scores: [[Double]]
            let chosen: [Int]
            let own: [Double]
        }

        struct Halves: Decodable {
            let words: [String]
            let halfOfWords: [Int]
            /// [layers][pairs][queries]
            let ranks: [[[Int]]]
            let members: [[Int]]
            let chosen: [Int]
            let crossed: [Double]
        }

        let otherPairs: OtherPairs
        let halves: Halves
    }

    private let goldens: Goldens

    init() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/selection.json")
        goldens = try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: path))
    }

    @Test func onOtherPairs() {
        let expected = goldens.otherPairs
        #expect(LayerSelection.onOtherPairs(expected.scores) == expected.chosen)
        for (pair, layer) in expected.chosen.enumerated() {
            #expect(expected.scores[layer][pair] == expected.own[pair])
        }
        // The pair itself has no say: one that is best elsewhere changes nothing of its own choice.
        var changed = expected.scores
        changed[0][2] = 100
        let found = LayerSelection.onOtherPairs(changed)
        #expect(found[2] == expected.chosen[2] && found[0] == 0 && found[1] == 0)
    }

    @Test func scoresThatDoNotExist() {
        #expect(LayerSelection.onOtherPairs([[0.5], [0.6]]) == [nil])
        #expect(LayerSelection.onOtherPairs([[0.5, nil, 0.1], [0.6, 0.2, nil]]) == [1, 1, 0])
        #expect(LayerSelection.onOtherPairs([]).isEmpty)
        #expect(LayerSelection.best([nil, .nan, 0.25, 0.5, 0.5]) == 3 && LayerSelection.best([nil]) == nil)
    }

    @Test func onHalves() throws {
        let expected = goldens.halves
        let scores = expected.ranks.map { layer in
            zip(layer, expected.members).map { ranks, members in
                var sums = LayerSelection.HalfScores()
                for (rank, half) in zip(ranks, members) { sums.add(1 / Double(rank), half: half) }
                return sums
            }
        }
        let found = try #require(LayerSelection.onHalves(scores))
        #expect(found.chosen == expected.chosen && found.scores.count == expected.crossed.count)
        for (score, crossed) in zip(found.scores, expected.crossed) { #expect(abs(score - crossed) < 1e-12) }
        #expect(LayerSelection.onHalves([[.init(sums: [1, 0], counts: [2, 0])]]) == nil)
    }

    /// A word's half is told by its bytes: composed and decomposed spellings are two words.
    @Test func halvesOfWords() {
        let expected = goldens.halves
        var halves = QueryHalves()
        for (position, word) in expected.words.enumerated() {
            var word = word
            word.withUTF8 { halves.add($0, at: position) }
        }
        #expect(expected.words.indices.map(halves.half) == expected.halfOfWords)
        #expect(Set(expected.halfOfWords) == [0, 1])
    }

    /// Among many layers of the same quality the best on the scored pairs is better than any is; chosen on others it
    /// is not.
    @Test func choosingOnTheScoredPairsFlattersAndTheOthersDoNot() {
        var state: UInt64 = 5
        func noise() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 24) - 0.5
        }
        var paper = 0.0, honest = 0.0
        let repetitions = 300
        for _ in 0..<repetitions {
            let scores = (0..<13).map { _ in (0..<8).map { _ in noise() } }
            paper += scores.map { $0.reduce(0, +) / 8 }.max() ?? 0
            let chosen = LayerSelection.onOtherPairs(scores)
            honest += chosen.enumerated().reduce(0) { $0 + scores[$1.element ?? 0][$1.offset] / 8 }
        }
        #expect(paper / Double(repetitions) > 0.1)
        #expect(abs(honest / Double(repetitions)) < 0.03)
    }
}
