import Foundation
import TestSupport
import Testing

@testable import Train

@Suite struct TrainingStateTests {
    private func state() -> TrainingState {
        var state = TrainingState(settings: [
            .init(name: "batch_size", value: "64"), .init(name: "loss", value: "\"ntxent\""),
        ])
        state.step = 12
        state.engine = "engine-12"
        let pair = ValidationScores.Pair(pair: "en-it", mrr: 0.123456789012345678, gain: 1.0 / 3, queries: 1000)
        state.vanilla = ValidationScores(pairs: [pair])
        state.best = .init(step: 8, scores: ValidationScores(pairs: [pair]))
        state.position = .init(metrics: 99, events: 101)
        return state
    }

    @Test func writtenStatesReadBackTheSame() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/state.json"
        try state().write(path)
        #expect(try TrainingState.read(path) == state())
    }

    @Test func differencesAreNamed() {
        let differences = state().differences(from: [
            .init(name: "batch_size", value: "32"), .init(name: "loss", value: "\"ntxent\""),
            .init(name: "seed", value: "1"),
        ])
        #expect(differences == ["batch_size was 64, is now 32", "seed was not known, is now 1"])
    }

    @Test func damagedStatesAreRefused() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/state.json"
        try state().write(path)
        let whole = try folder.read("state.json")
        let cases = [
            "", "{", "[]", String(whole.dropLast(20)),
            whole.replacingOccurrences(of: "\"format\" : 1", with: "\"format\" : 2"),
            whole.replacingOccurrences(of: "engine-12", with: "../engine-12"),
            whole.replacingOccurrences(of: "\"step\" : 12", with: "\"step\" : -1"),
            // Numbers that do not belong together: a step that is not the engine's ended with a trap.
            whole.replacingOccurrences(of: "\"step\" : 12", with: "\"step\" : 2147483648"),
            whole.replacingOccurrences(of: "\"step\" : 12", with: "\"step\" : 11"),
            whole.replacingOccurrences(of: "\"step\" : 12", with: "\"step\" : 0"),
            whole.replacingOccurrences(of: "\"step\" : 8", with: "\"step\" : 13"),
            whole.replacingOccurrences(of: "\"validatedStep\" : -1", with: "\"validatedStep\" : 13"),
            whole.replacingOccurrences(of: "\"withoutGain\" : 0", with: "\"withoutGain\" : \(Int.max)"),
            whole.replacingOccurrences(of: "\"metrics\" : 99", with: "\"metrics\" : \(Int.max)"),
            whole.replacingOccurrences(of: "\"finished\" : false", with: "\"finished\" : true"),
        ]
        #expect(Set(cases).count == cases.count && !cases.contains(whole))
        for text in cases {
            try folder.write("state.json", text)
            #expect(throws: SpecializeError.self, "\(text.prefix(40))") { try TrainingState.read(path) }
        }
    }

    @Test func gainsAreRelativeAndTheirMeanSelects() {
        let vanilla = ValidationScores(pairs: [
            .init(pair: "en-it", mrr: 0.2, gain: 0, queries: 5), .init(pair: "de-ru", mrr: 0.4, gain: 0, queries: 5),
        ])
        let later = ValidationScores(pairs: [
            .init(pair: "en-it", mrr: 0.3, gain: 0, queries: 5), .init(pair: "de-ru", mrr: 0.3, gain: 0, queries: 5),
        ])
        let scores = later.relative(to: vanilla)
        #expect(abs(scores.pairs[0].gain - 0.5) < 1e-12 && abs(scores.pairs[1].gain + 0.25) < 1e-12)
        #expect(abs(scores.meanGain - 0.125) < 1e-12)
    }
}
