import Foundation
import Lexicon
import TestSupport
import Testing

@testable import Lookup
@testable import Store

/// A build that publishes, and `gc`, at the one moment that hurts: after a question has read the catalogue, before it
/// reads words and vectors. Answers must be those of one state, and only those of the present one may be kept.
@Suite struct PublicationBetweenReadsTests {
    private static let dog: [Float] = [1, 0, 0, 0]
    private static let cat: [Float] = [0, 1, 0, 0]
    private static let house: [Float] = [0, 0, 1, 0]
    private static let blue: [Float] = [0, 0, 0, 1]

    /// The second state of the Finnish words: fewer, in another order, with vectors that fit their own words alone.
    private func publishSecondState(_ fixture: QueryFixture) throws {
        try fixture.publish(
            "words/fi", ["kissa", "talo", "koira"],
            layers: [1: [[0.8, 0.6, 0, 0], Self.house, Self.dog], 2: [Self.house, Self.house, Self.dog]],
            checkpoint: QueryFixture.checkpoint(hiddenSize: 4))
    }

    private func run(
        _ fixture: QueryFixture, _ schema: ResultSchema, layers: LayerChoice = .all, recompute: Bool = false
    ) throws -> EvaluationRun {
        try EvaluationRun(
            folder: fixture.storeFolder, schema: schema,
            settings: .init(layers: layers, recompute: recompute, threads: 2), observer: SilentObserver())
    }

    private func dictionaries(_ fixture: QueryFixture) throws -> [EvaluationDictionary] {
        try fixture.file("d/en-fi.tsv", "dog\tkoira\ncat\tkissa\nhouse\ttalo\n")
        return try EvaluationDictionary.read([fixture.folder + "/d"], dataset: nil, pairs: [])
    }

    private func meanReciprocalRanks(_ run: EvaluationRun) -> [Double?] {
        run.records.sorted { $0.layer < $1.layer }.map { $0.values["mrr"] }
    }

    @Test func bliAnswersForTheStateItReadAndKeepsNothing() throws {
        let fixture = try QueryFixture.words()
        let entries = try dictionaries(fixture)
        let before = try run(fixture, .bli, recompute: true)
        try before.perform { try LexiconInductionTask(run: before, checkpoints: $0, dictionaries: entries).perform() }
        let truth = meanReciprocalRanks(before)
        #expect(truth.count == 2 && before.overtaken == 0)
        let kept = try fixture.store.results(task: nil, checkpoint: nil).map(\.created)

        let torn = try run(fixture, .bli, recompute: true)
        try torn.perform { checkpoints in
            try publishSecondState(fixture)
            try LexiconInductionTask(run: torn, checkpoints: checkpoints, dictionaries: entries).perform()
        }
        #expect(meanReciprocalRanks(torn) == truth)
        #expect(torn.overtaken == 2)
        #expect(try fixture.store.results(task: nil, checkpoint: nil).map(\.created) == kept)

        let after = try run(fixture, .bli)
        try after.perform { try LexiconInductionTask(run: after, checkpoints: $0, dictionaries: entries).perform() }
        #expect(meanReciprocalRanks(after)[0] == 1 && after.overtaken == 0)
        #expect(meanReciprocalRanks(after) != truth)
    }

    /// The files of the state that was read are gone: everything is planned again, and the answer is the present one's.
    @Test func aCollectorInBetweenMakesItPlanAgain() throws {
        let fixture = try QueryFixture.words()
        let entries = try dictionaries(fixture)
        let asked = try run(fixture, .bli)
        var attempts = 0
        try asked.perform { checkpoints in
            attempts += 1
            if attempts == 1 {
                try publishSecondState(fixture)
                _ = try fixture.store.collectGarbage(dryRun: false)
            }
            try LexiconInductionTask(run: asked, checkpoints: checkpoints, dictionaries: entries).perform()
        }
        #expect(attempts == 2 && asked.records.count == 2 && asked.overtaken == 0)
        let fresh = try run(fixture, .bli, recompute: true)
        try fresh.perform { try LexiconInductionTask(run: fresh, checkpoints: $0, dictionaries: entries).perform() }
        #expect(meanReciprocalRanks(asked) == meanReciprocalRanks(fresh))
        #expect(try fixture.store.results(task: "bli", checkpoint: nil).count == 2)
    }

    /// A collector that always comes in between ends the question with a clear message and status 75.
    @Test func aStoreThatNeverRestsIsSaid() throws {
        let fixture = try QueryFixture.words()
        let entries = try dictionaries(fixture)
        let asked = try run(fixture, .bli)
        var attempts = 0
        let error = #expect(throws: StoreError.self) {
            try asked.perform { checkpoints in
                attempts += 1
                if attempts % 2 == 1 { try publishSecondState(fixture) } else { try fixture.publishWords() }
                _ = try fixture.store.collectGarbage(dryRun: false)
                try LexiconInductionTask(run: asked, checkpoints: checkpoints, dictionaries: entries).perform()
            }
        }
        #expect(attempts == 5)
        #expect(error?.exitStatus == .tryAgain && error?.description.contains("run the same command again") == true)
    }

    /// Files go between the first and the second batch: the first is asked again, too.
    @Test func wordsOfOneQuestionAreAnsweredFromOneState() throws {
        let fixture = try QueryFixture.words()
        func translator() throws -> [Translator] {
            // So many answers are wanted of each word that a batch is one word.
            [
                try Translator(
                    checkpoint: CheckpointChoice.one(nil, in: fixture.store, results: false), to: "fi", from: "en",
                    layer: .number(1), scoring: .cosine, top: 1 << 20, keepIdentical: false, threads: 1)
            ]
        }
        func words(_ run: TranslationRun) -> [[String]] {
            run.answers.flatMap(\.translations).map { $0.results.map(\.word) }
        }
        func ask(progress: (Int) throws -> Void = { _ in }, make: () throws -> [Translator]) throws -> TranslationRun {
            try TranslationRun.answers(to: ["cat", "house"], leavingOut: false, progress: progress, make: make)
        }
        let before = try words(ask(make: translator))
        var (attempts, batches) = (0, 0)
        let during = try ask(
            progress: { count in
                #expect(count == 1)
                batches += 1
                guard batches == 1 else { return }
                try publishSecondState(fixture)
                try fixture.publish(
                    "words/en", ["cat", "house"], layers: [1: [Self.cat, Self.house], 2: [Self.cat, Self.house]],
                    checkpoint: QueryFixture.checkpoint(hiddenSize: 4))
                _ = try fixture.store.collectGarbage(dryRun: false)
            },
            make: {
                attempts += 1
                return try translator()
            })
        let after = try words(ask(make: translator))
        #expect(during.failure == nil && attempts == 2 && batches == 3)
        #expect(words(during) == after)
        #expect(after.count == 2 && after[0] != before[0] && after[1] != before[1])
    }

    @Test func translationPairsWordsAndVectorsOfOneState() throws {
        let fixture = try QueryFixture.words()
        let checkpoint = try CheckpointChoice.one(nil, in: fixture.store, results: true)
        try publishSecondState(fixture)
        func words(_ checkpoint: StoredCheckpoint, _ word: String) throws -> [String] {
            try Translator(
                checkpoint: checkpoint, to: "fi", from: "en", layer: .number(1), scoring: .csls, top: 3,
                keepIdentical: false, threads: 1
            ).translate(word).results.map(\.word)
        }
        // House and radio share a vector in the first state; it has six words, the second three.
        #expect(try Set(words(checkpoint, "house").prefix(2)) == ["radio", "talo"])
        let now = try CheckpointChoice.one(nil, in: fixture.store, results: true)
        #expect(try words(now, "house").first == "talo")
        _ = try fixture.store.collectGarbage(dryRun: false)
        let gone = try CheckpointChoice.one(nil, in: fixture.store, results: false)
        #expect(try words(gone, "cat").first == "kissa")
        let error = #expect(throws: StoreError.self) { try words(checkpoint, "house") }
        #expect(error?.exitStatus == .tryAgain)
    }

    @Test func tatoebaAndXlsimAnswerForTheStateTheyRead() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 4, layerCount: 1)
        try fixture.publish(
            "sentences/fra-eng/eng", ["one", "two"], layers: [0: [Self.dog, Self.cat]], checkpoint: checkpoint)
        try fixture.publish(
            "sentences/fra-eng/fra", ["un", "deux"], layers: [0: [Self.dog, Self.cat]], checkpoint: checkpoint)
        try fixture.publish(
            "words/en", ["dog", "cat", "house"], layers: [0: [Self.dog, [1, 1, 0, 0], Self.house]],
            checkpoint: checkpoint)
        try fixture.file("pairs/ENG-ENG.csv", "ID,ENG,ENG,PoS,score\n1,dog,cat,n,5\n2,dog,house,n,1\n3,cat,house,n,2\n")
        let pairs = [try SimilarityReader.read(path: fixture.folder + "/pairs/ENG-ENG.csv")]

        let retrieval = try run(fixture, .tatoeba)
        try retrieval.perform { checkpoints in
            // Three lines in another order: the old alignment with the new vectors would find nothing.
            try fixture.publish(
                "sentences/fra-eng/fra", ["deux", "trois", "un"], layers: [0: [Self.blue, Self.house, Self.cat]],
                ranks: [2, 3, 1], checkpoint: checkpoint)
            try SentenceRetrievalTask(run: retrieval, checkpoints: checkpoints, only: []).perform()
        }
        #expect(retrieval.records.map { $0.values["accuracy"] } == [1] && retrieval.overtaken == 1)

        let similarity = try run(fixture, .xlsim, layers: .some([0]))
        try similarity.perform { checkpoints in
            try fixture.publish(
                "words/en", ["house", "dog", "cat"], layers: [0: [Self.dog, Self.blue, Self.cat]],
                checkpoint: checkpoint)
            try WordSimilarityTask(run: similarity, checkpoints: checkpoints, dataset: "p", files: pairs).perform()
        }
        #expect(similarity.records.count == 1 && similarity.overtaken == 1)
        #expect(abs((similarity.records[0].values["rho"] ?? 0) - 0.8660254) < 1e-6)
        #expect(try fixture.store.results(task: nil, checkpoint: nil).isEmpty)
    }
}
