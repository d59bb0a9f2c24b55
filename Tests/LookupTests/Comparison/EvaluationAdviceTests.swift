import Fingerprinting
import Testing

@testable import Lookup
@testable import Store

@Suite struct EvaluationAdviceTests {
    private func result(_ pair: String, _ path: String, dataset: String, scoring: InductionScoring = .init())
        -> ResultRecord
    {
        ResultRecord(
            task: "bli", dataset: scoring.dataset(dataset), pair: pair, checkpoint: "a", layer: 1,
            fingerprint: Fingerprint(high: 1, low: 1), values: [:],
            provenance: ["policy": scoring.policy.text, "dictionary": path], created: 0)
    }

    private func command(_ known: [ResultRecord], isWhole: Bool = false, layers: String? = nil) -> String {
        EvaluationAdvice(folder: "indexes", checkpoint: "b", known: known, isWhole: isWhole, layers: layers).command
    }

    @Test func aWholeDataSetIsItsFolder() {
        let known = ["de-fi", "en-fi"].map { result($0, "d/glavas/\($0).test.tsv", dataset: "glavas") }
        #expect(
            command(known, isWhole: true)
                == "query bli --dictionaries d/glavas --checkpoint b --store indexes")
        #expect(
            command(known, layers: "8")
                == "query bli --dictionaries de-fi=d/glavas/de-fi.test.tsv en-fi=d/glavas/en-fi.test.tsv "
                + "--checkpoint b --store indexes --layers 8")
    }

    @Test func aNameOfItsOwnAndAScoring() {
        let scoring = InductionScoring(scaled: true, centred: true, native: .own)
        #expect(
            command([result("en-fi", "my words/list", dataset: "gold", scoring: scoring)], isWhole: true)
                == "query bli --dictionaries 'en-fi=my words/list' --dataset gold --checkpoint b --store indexes "
                + "--scoring csls --center --native own")
    }

    @Test func manyOfOneFolderAreItsPairs() {
        let pairs = ["de-fi", "en-de", "en-fi", "en-it"]
        #expect(
            command(pairs.map { result($0, "d/glavas/\($0).tsv", dataset: "tuned") })
                == "query bli --dictionaries d/glavas --pairs de-fi en-de en-fi en-it --dataset tuned --checkpoint b "
                + "--store indexes")
    }

    @Test func wordsAreQuotedForAShell() {
        #expect(EvaluationAdvice.quoted("a/b-c_1.tsv") == "a/b-c_1.tsv")
        #expect(EvaluationAdvice.quoted("it's $HOME") == #"'it'\''s $HOME'"#)
        #expect(EvaluationAdvice.quoted("") == "''" && EvaluationAdvice.quoted("käärme") == "'käärme'")
    }

    @Test func comparedLayers() {
        #expect(ComparedLayer(argument: "best") == .best && ComparedLayer(argument: "8") == .named("8"))
        #expect(ComparedLayer(argument: "0,1,2:mean") == .named("0-2:mean"))
        for bad in ["", "all", "1,2", "0-3", "x"] { #expect(ComparedLayer(argument: bad) == nil, "\(bad)") }
    }
}
