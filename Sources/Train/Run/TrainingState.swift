import Files
import Lexicon

/// What a run needs to go on, beside the engine's own state: `state/state.json`.
struct TrainingState: Codable, Equatable {
    struct Setting: Codable, Equatable {
        var name: String
        /// As JSON.
        var value: String
    }

    struct Best: Codable, Equatable {
        var step: Int
        var scores: ValidationScores
    }

    var format = 1
    var settings: [Setting]
    /// Optimiser steps done.
    var step = 0
    /// Name of the engine's state after that step, in the same folder; nil before the first save.
    var engine: String?
    var vanilla: ValidationScores?
    var best: Best?
    /// Scores at `step`, when it was validated.
    var lastScores: ValidationScores?
    /// The last step that was validated; -1 before any.
    var validatedStep = -1
    /// Validations in a row that were no new best.
    var withoutGain = 0
    var position = MetricsLog.Position()
    var finished = false
    /// Why a cell of a search came to no end; nil for every other run. Training again begins at the last state.
    var diverged: String?

    /// Settings and scores; the largest have some hundred validation pairs.
    private static let sizeLimit = 16 << 20

    /// - Throws: `SpecializeError.unreadableState`; `SystemFault` when it cannot be read, which says nothing of the
    ///   state; `FileError`.
    static func read(_ path: String) throws -> TrainingState {
        let bytes: [UInt8]
        do {
            bytes = try WholeFile.read(path, expected: "the state of a run", limit: sizeLimit)
        } catch FileError.empty {
            throw SpecializeError.unreadableState(path: path, found: "an empty file")
        }
        struct Version: Codable { var format: Int }
        let state: TrainingState
        do {
            let version = try JSONCoding.value(Version.self, from: bytes).format
            guard version == 1 else {
                throw SpecializeError.unreadableState(
                    path: path, found: "format \(version), of another version of Polylex")
            }
            state = try JSONCoding.value(TrainingState.self, from: bytes)
        } catch let error as SpecializeError {
            throw error
        } catch {
            throw SpecializeError.unreadableState(path: path, found: "\(bytes.count) bytes that are none")
        }
        // A name from the file becomes a path.
        if let engine = state.engine, engine.contains("/") || !engine.hasPrefix("engine-") {
            throw SpecializeError.unreadableState(
                path: path, found: "the name '\(engine.prefix(40))' for the engine's state")
        }
        if let problem = state.contradiction { throw SpecializeError.unreadableState(path: path, found: problem) }
        return state
    }

    /// No run comes near; numbers up to here can be counted on.
    private static let mostSteps = 1 << 40

    /// What cannot be in a state that a run has written; nil when there is nothing.
    private var contradiction: String? {
        guard (0...Self.mostSteps).contains(step), (0...Self.mostSteps).contains(position.metrics),
            (0...Self.mostSteps).contains(position.events)
        else { return "numbers that no run has" }
        let expected = finished || step == 0 ? nil : "engine-\(step)"
        guard engine == expected else {
            return "step \(step) with \(engine.map { "the engine's state '\($0.prefix(40))'" } ?? "no engine's state")"
        }
        guard (-1...step).contains(validatedStep), (0...step + 1).contains(withoutGain),
            (0...step).contains(best?.step ?? 0)
        else { return "validations after step \(step), the last" }
        return nil
    }

    /// Atomic: the old contents or the new ones.
    func write(_ path: String) throws {
        let bytes = try JSONCoding.bytes(of: self, isIndented: true)
        let file = try OutputFile(path: path)
        try file.append { $0.append(contentsOf: bytes) }
        try file.finish()
    }

    /// Names and values that differ, as a person reads them.
    func differences(from other: [Setting]) -> [String] {
        other.compactMap { now in
            let then = settings.first { $0.name == now.name }
            if then == now { return nil }
            return "\(now.name) was \(then?.value ?? "not known"), is now \(now.value)"
        }
    }
}
