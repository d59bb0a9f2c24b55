import Store
import TestSupport
import Testing

@testable import Encoder
@testable import Lookup

/// Words in batches: the same answers as one by one.
@Suite struct TranslationRunTests {
    /// Random words of two languages with a checkpoint that can encode others.
    private func fixture() throws -> QueryFixture {
        let fixture = try QueryFixture()
        let folder = fixture.folder + "/tiny"
        try TinyCheckpoint.ofWords().write(to: folder)
        let record = QueryFixture.checkpoint(
            "tiny", hiddenSize: 8, layerCount: 1, source: folder,
            fingerprint: try Checkpoint(folder: folder).fingerprint)
        var random = SeededGenerator(state: 11)
        func rows(_ count: Int) -> [[Float]] {
            (0..<count).map { _ in (0..<8).map { _ in Float(random.next() % 2001) / 1000 - 1 } }
        }
        for (language, count) in [("en", 700), ("fi", 900)] {
            try fixture.publish(
                "words/\(language)", (0..<count).map { "\(language)\($0)" },
                layers: [1: rows(count)], checkpoint: record)
        }
        return fixture
    }

    @Test(arguments: [TranslationScoring.cosine, .csls])
    func batchesAnswerAsSingleWordsDo(scoring: TranslationScoring) throws {
        let fixture = try fixture()
        func translator() throws -> Translator {
            try Translator(
                checkpoint: CheckpointChoice.one(nil, in: fixture.store, results: false), to: "fi", from: "en",
                layer: .number(1), scoring: scoring, top: 7, keepIdentical: false, threads: 2)
        }
        // Stored ones, ones that are encoded, the same one twice.
        let words = (0..<40).map { "en\($0 * 17)" } + ["ice cream", "dog", "talo", "en3", "en3"]
        let run = try TranslationRun.answers(to: words, leavingOut: false) { [try translator()] }
        #expect(run.failure == nil && run.answers.map(\.word) == words)
        let single = try translator()
        for answer in run.answers {
            let alone = try single.translate(answer.word), batch = try #require(answer.translations.first)
            #expect(batch.results.map(\.row) == alone.results.map(\.row), "\(answer.word)")
            #expect(batch.results.map(\.score.bitPattern) == alone.results.map(\.score.bitPattern), "\(answer.word)")
            #expect(batch.stored == alone.stored && batch.matched == alone.matched)
        }
        #expect(
            run.answers.filter { !($0.translations.first?.stored ?? true) }.map(\.word) == ["ice cream", "dog", "talo"])
    }

    @Test func aWordWithoutVectorEndsTypedWordsAndIsLeftOutOfLists() throws {
        let fixture = try fixture()
        func translators() throws -> [Translator] {
            [
                try Translator(
                    checkpoint: CheckpointChoice.one(nil, in: fixture.store, results: false), to: "fi", from: "en",
                    layer: .number(1), scoring: .cosine, top: 1, keepIdentical: false, threads: 1)
            ]
        }
        // U+200B tokenises to nothing.
        let words = ["en1", "en2", "en3", "en4", "\u{200B}", "en5"]
        let typed = try TranslationRun.answers(to: words, leavingOut: false, make: translators)
        #expect(typed.answers.map(\.word) == ["en1", "en2", "en3", "en4"] && typed.leftOut.isEmpty)
        #expect((typed.failure as? LookupError)?.description.contains("it tokenises to nothing") == true)
        let list = try TranslationRun.answers(to: words, leavingOut: true, make: translators)
        #expect(list.failure == nil && list.answers.map(\.word) == ["en1", "en2", "en3", "en4", "en5"])
        #expect(list.leftOut.count == 1)
        // A checkpoint that is gone is no matter of one word.
        try TinyCheckpoint.ofWords(seed: 5).write(to: fixture.folder + "/tiny")
        let gone = try TranslationRun.answers(
            to: ["en1", "en2", "en3", "dog", "en4"], leavingOut: true, make: translators)
        #expect(gone.answers.map(\.word) == ["en1", "en2", "en3"])
        #expect((gone.failure as? LookupError)?.exitStatus == .missingInput)
    }
}
