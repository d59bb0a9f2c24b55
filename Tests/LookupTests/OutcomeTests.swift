import Evaluation
import Foundation
import Lexicon
import TestSupport
import Testing

@testable import Lookup
@testable import Store

/// Every kept result has its queries' outcomes beside it: its scores come out of them, and two checkpoints' can be
/// aligned.
@Suite struct OutcomeTests {
    private func perform(
        _ fixture: QueryFixture, _ schema: ResultSchema, _ body: (EvaluationRun, [StoredCheckpoint]) throws -> Void
    ) throws -> [ResultRecord] {
        let run = try EvaluationRun(
            folder: fixture.storeFolder, schema: schema, settings: .init(threads: 2), observer: SilentObserver())
        try run.perform { try body(run, $0) }
        return run.records
    }

    private func outcomes(_ fixture: QueryFixture, _ record: ResultRecord) throws -> ResultOutcomes {
        try #require(try fixture.store.outcomes(of: record))
    }

    @Test func bli() throws {
        let fixture = try QueryFixture.words()
        // A second checkpoint that does not know "cat".
        let other = QueryFixture.checkpoint("other", version: 5, hiddenSize: 4)
        try fixture.publish(
            "words/en", ["house", "dog"], layers: [1: [[0, 0, 1, 0.1], [1, 0, 0, 0.1]]], checkpoint: other)
        try fixture.publish(
            "words/fi", ["koira", "talo"], layers: [1: [[1, 0, 0, 0], [0, 0, 1, 0]]], checkpoint: other)
        try fixture.file("d/en-fi.tsv", "nobody\tkoira\nhouse\ttalo\ncat\tkissa\ndog\tkoira\n")
        let dictionaries = try EvaluationDictionary.read([fixture.folder + "/d"], dataset: nil, pairs: [])
        let records = try perform(fixture, .bli) {
            try LexiconInductionTask(run: $0, checkpoints: $1, dictionaries: dictionaries).perform()
        }
        #expect(records.map(\.checkpoint) == ["mini", "mini", "other"])
        for record in records {
            let kept = try outcomes(fixture, record)
            #expect(kept.data == dictionaries[0].dictionary.fingerprint)
            let ranks = try #require(try kept.ranks().first)
            #expect(Double(ranks.ranks.count) == record.values["queries"])
            #expect(LexiconInduction(ranks.ranks).meanReciprocalRank == record.values["mrr"])
            #expect(LexiconInduction(ranks.ranks).bestMeanReciprocalRank == record.values["mrr_ties_won"])
            #expect(throws: EvaluationError.self) { try kept.similarities() }
        }
        // mini, layer 1: house ties with radio, which stands before it.
        let own = try outcomes(fixture, records[0]).ranks()[0]
        #expect(own.positions == [1, 2, 3] && own.ranks.map(\.rank) == [2, 1, 1] && own.ranks[0].equalBefore == 1)
        let others = try outcomes(fixture, records[2]).ranks()[0]
        #expect(others.positions == [1, 3])
        #expect(own.common(with: others).map { [$0.0, $0.1] } == [[0, 0], [2, 1]])
    }

    @Test func tatoeba() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 3)
        try fixture.publish(
            "sentences/fra-eng/eng", ["one", "two", "three"], layers: [0: [[1, 0, 0], [0.9, 0.5, 0], [0, 0, 1]]],
            ranks: [1, 2, 7], checkpoint: checkpoint)
        try fixture.publish(
            "sentences/fra-eng/fra", ["trois", "un", "deux", "quatre"],
            layers: [0: [[0, 0.1, 1], [1, 0.1, 0], [0.2, 1, 0], [0.5, 0.5, 0.5]]], ranks: [7, 1, 2, 4],
            checkpoint: checkpoint)
        let record = try perform(fixture, .tatoeba) {
            try SentenceRetrievalTask(run: $0, checkpoints: $1, only: []).perform()
        }[0]
        let lists = try outcomes(fixture, record).ranks()
        #expect(lists.count == 2 && lists.map(\.positions) == [[1, 2, 7], [1, 2, 7]])
        // "two" is nearer to "un" and to "quatre" than to "deux".
        #expect(lists[0].ranks.map(\.rank) == [1, 3, 1] && record.values["accuracy"] == 2.0 / 3)
        #expect(lists[1].ranks.map(\.rank) == [1, 1, 1] && record.values["accuracy_reverse"] == 1)
    }

    @Test func xlsim() throws {
        let fixture = try QueryFixture()
        try fixture.publish(
            "words/en", ["dog", "cat", "house"], layers: [0: [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0]]],
            checkpoint: QueryFixture.checkpoint(hiddenSize: 4))
        try fixture.file(
            "p/ENG-ENG.csv", "ID,ENG,ENG,PoS,score\n1,dog,cat,n,5\n2,dog,house,n,nan\n3,cat,house,n,2\n4,dog,dog,n,6\n")
        let file = try SimilarityReader.read(path: fixture.folder + "/p/ENG-ENG.csv")
        let record = try perform(fixture, .xlsim) {
            try WordSimilarityTask(run: $0, checkpoints: $1, dataset: "p", files: [file]).perform()
        }[0]
        let kept = try outcomes(fixture, record)
        #expect(kept.data == file.fingerprint)
        let similarities = try kept.similarities()
        let scores = similarities.positions.map { file.scores[$0] }
        #expect(SpearmanCorrelation(similarities.cosines, scores).rho == record.values["rho"])
        #expect(throws: EvaluationError.self) { try kept.ranks() }
    }

    /// The same weights under two names: each has rows of its own name, computed or stored.
    @Test func twoNamesOfTheSameWeights() throws {
        let fixture = try QueryFixture()
        for name in ["first", "second"] {
            try fixture.publish(
                "words/en", ["dog", "cat", "house"], layers: [0: [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0]]],
                checkpoint: QueryFixture.checkpoint(name, hiddenSize: 4))
        }
        try fixture.file("p/ENG-ENG.csv", "ID,ENG,ENG,PoS,score\n1,dog,cat,n,5\n3,cat,house,n,2\n")
        let file = try SimilarityReader.read(path: fixture.folder + "/p/ENG-ENG.csv")
        for _ in 0..<2 {
            let records = try perform(fixture, .xlsim) {
                try WordSimilarityTask(run: $0, checkpoints: $1, dataset: "p", files: [file]).perform()
            }
            #expect(records.map(\.checkpoint) == ["first", "second"])
        }
        #expect(try fixture.store.results(task: "xlsim", checkpoint: "second").count == 1)
    }

    /// A result without outcomes, as a store may hold from before they were kept, is computed again; so is one whose
    /// outcomes are damaged, with a word about it.
    @Test func resultsWithoutOutcomesAreComputedAgain() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.tsv", "house\ttalo\ncat\tkissa\n")
        let dictionaries = try EvaluationDictionary.read([fixture.folder + "/d"], dataset: nil, pairs: [])
        func reused() throws -> Int {
            let run = try EvaluationRun(
                folder: fixture.storeFolder, schema: .bli, settings: .init(threads: 1), observer: SilentObserver())
            try run.perform {
                try LexiconInductionTask(run: run, checkpoints: $0, dictionaries: dictionaries).perform()
            }
            return run.reused
        }
        #expect(try reused() == 0)
        #expect(try reused() == 2)
        let keys = try fixture.store.results(task: nil, checkpoint: nil).map {
            CatalogueKey.result(task: $0.task, fingerprint: $0.fingerprint)
        }
        try fixture.store.environment.write { transaction in
            let database = try #require(transaction.databases.outcomes)
            try transaction.remove(database, keys[0])
            var value = try #require(try transaction.value(database, keys[1]))
            value[value.count - 1] ^= 1
            try transaction.put(database, keys[1], value)
        }
        #expect(try fixture.store.verify().filter { $0.severity == .damage }.count == 1)
        #expect(try reused() == 0)
        #expect(try reused() == 2)
        #expect(try fixture.store.verify() == [])
    }
}
