import Store
import TestSupport
import Testing

@testable import Indexer

@Suite struct PlanningMemoryTests {
    /// Sentences of the length that was measured.
    private let inputs = [("en", "a"), ("fi", "b")].map { language, letter in
        Bench.words(language, (0..<1_000).map { String(repeating: letter, count: 50) + "\(1_000 + $0)" })
    }

    /// 412 bytes a sentence in a build of a million, of which 206 go when the catalogue has it.
    @Test func bytesAreThoseThatWereMeasured() {
        let one = PlanningMemory.bytes([inputs[0]])
        #expect((390_000...430_000).contains(one), "\(one)")
        // One transaction after the other: only what is held of the texts doubles.
        let both = PlanningMemory.bytes(inputs) - one
        #expect((195_000...225_000).contains(both), "\(both)")
        #expect(PlanningMemory.bytes([]) == 0)
    }

    @Test func tooLittleMemoryIsSaidBeforeTextsAreTokenized() throws {
        let needed = PlanningMemory.bytes(inputs)
        #expect(PlanningMemory.remark(inputs, checkpoint: "fake", limitBytes: needed) == nil)
        for limit in [needed, needed - 1] {
            let folder = try TemporaryFolder()
            var settings = BuildSettings(crew: .init(threads: 1, chunkSequences: 7, batchTokens: 20))
            settings.memoryBytes = limit
            var said: [String] = []
            _ = try CheckpointForecast(
                store: nil, model: FakeModel().model(), inputs: inputs, settings: settings,
                rates: EncodingRates(cacheFolder: folder.path), shouldStop: { false }, remark: { said.append($0) }
            ).run()
            #expect(said.count == (limit < needed ? 1 : 0))
            #expect(said.allSatisfy { $0.hasPrefix("fake: 2,000 texts take about") && $0.contains("can have") })
        }
    }
}
