import Foundation
import TestSupport

/// A small BERT with constraints, a validation dictionary and vocabularies: what the tests of 'train specialize' train.
struct SmallRun {
    let folder: TemporaryFolder

    static let fixture =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
        + "/Fixtures/training-curve"

    static func file(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(fixture)/\(name)")) }

    init() throws {
        folder = try TemporaryFolder()
        let rows = try String(decoding: Self.file("constraints.tsv"), as: UTF8.self).split(separator: "\n").dropFirst()
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        // Words of their own: a validation word in the constraints would be left out of them.
        let words = (0..<90).map { "q\(String($0 * 37 % 90, radix: 7))z" }
        try folder.write("vocabularies/it.txt", words.joined(separator: "\n") + "\n")
        try folder.write("vocabularies/en.txt", words.map { $0 + "e" }.joined(separator: "\n") + "\n")
        let pairs = words.prefix(30).enumerated().map { "\($1)e\t\(words[($0 * 3) % 90])\n" }
        try folder.write("en-it.train.tsv", pairs.joined())
        precondition(rows.count == 60)
    }

    /// A copy of the model in which pieces no constraint has give way to longer ones, so that words can be cut in
    /// several ways.
    /// - Returns: its folder.
    func modelWithLongerPieces() throws -> String {
        let longer = ["##1": "02", "1": "2t", "8": "2v", "a": "35", "g": "3i", "j": "##zg", "k": "##be", "o": "64"]
        let pieces = try String(decoding: Self.file("model/vocab.txt"), as: UTF8.self).split(separator: "\n").map(
            String.init)
        precondition(longer.keys.allSatisfy(pieces.contains))
        let model = "\(folder.path)/longer"
        try FileManager.default.copyItem(atPath: "\(Self.fixture)/model", toPath: model)
        try FileManager.default.removeItem(atPath: "\(model)/vocab.txt")
        try folder.write("longer/vocab.txt", pieces.map { (longer[$0] ?? $0) + "\n" }.joined())
        return model
    }

    /// - Parameter more: overrides come last and win.
    func arguments(_ out: String, validation: Bool = true, _ more: [String] = []) -> [String] {
        var arguments = [
            "specialize", "--model", "\(Self.fixture)/model", "--constraints", "\(Self.fixture)/constraints.tsv",
            "--out",
            "\(folder.path)/\(out)", "--threads", "1", "--batch-size", "8",
        ]
        if validation {
            arguments += [
                "--validation", "en-it=\(folder.path)/en-it.train.tsv", "--vocabularies", "\(folder.path)/vocabularies",
            ]
        }
        return arguments + more
    }

    /// A run that was stopped in its middle by a signal. A run that ended before the signal came (a busy machine may
    /// hold the test back for longer than the whole run takes) is thrown away and started again.
    func stopped(_ out: String, _ arguments: [String], by signal: Int32) throws -> TrainProcess.Outcome {
        var outcome: TrainProcess.Outcome
        repeat {
            try? FileManager.default.removeItem(atPath: "\(folder.path)/\(out)")
            let process = try TrainProcess(arguments)
            while process.isRunning, (bytes("\(out)/metrics.jsonl")?.count ?? 0) < Self.metricsOfTheMiddle {
                usleep(500)
            }
            process.signal(signal)
            outcome = try process.wait()
        } while outcome.status == 0
        return outcome
    }

    /// Bytes of `metrics.jsonl` after which a run that is to be stopped is in its middle: about 15 steps.
    private static let metricsOfTheMiddle = 3000

    func bytes(_ name: String) -> Data? { FileManager.default.contents(atPath: "\(folder.path)/\(name)") }

    /// The rows of a run's `metrics.jsonl`.
    func metrics(_ out: String) throws -> [[String: Any]] {
        try folder.read("\(out)/metrics.jsonl").split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
    }
}
