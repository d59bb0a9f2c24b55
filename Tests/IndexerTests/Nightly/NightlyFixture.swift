import Foundation
import TestSupport

/// A folder with a small part of the samples, the bundled model, and a night's configuration that is run as a user
/// would.
struct NightlyFixture {
    let folder: TemporaryFolder
    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// English and Finnish: vocabularies, a dictionary, similarity pairs, sentences.
    init() throws {
        folder = try TemporaryFolder()
        for (name, target) in [
            ("vocabularies/en.txt", "words"), ("vocabularies/fi.txt", "words"),
            ("dictionaries/en-fi.test.tsv", "dictionaries"), ("similarity/ENG-FIN.csv", "similarity"),
            ("sentences/tatoeba.fin-eng.eng", "sentences"), ("sentences/tatoeba.fin-eng.fin", "sentences"),
        ] {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/\(target)", withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: "\(Self.repository)/samples/\(name)",
                toPath: "\(folder.path)/\(target)/\(URL(fileURLWithPath: name).lastPathComponent)")
        }
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/mini", withDestinationPath: Self.repository + "/models/mini")
    }

    static let evaluations = """
        evaluations:
          bli:
            dictionaries: dictionaries
          xlsim:
            pairs: similarity
          tatoeba: {}
        report: report.html

        """

    /// - Parameter rest: of the file, after checkpoints, texts and a hook that keeps its input.
    func write(checkpoints: [String] = ["mini"], _ rest: String = Self.evaluations) throws {
        let named = checkpoints.map { "  \($0): \($0)\n" }.joined()
        try folder.write(
            "night.yaml",
            "checkpoints:\n\(named)texts:\n  vocabularies: words\n  sentences: sentences\n" + rest
                + "hook: cat > summary.json\n")
    }

    /// From another folder than the file's, as cron does it.
    func run(_ options: [String] = []) throws -> IndexerProcess.Outcome {
        try IndexerProcess.run(["nightly", folder.path + "/night.yaml"] + options)
    }

    /// What the hook was given.
    func summary() throws -> Summary {
        let data = Data(try folder.read("summary.json").utf8)
        try FileManager.default.removeItem(atPath: folder.path + "/summary.json")
        return try JSONDecoder().decode(Summary.self, from: data)
    }

    struct Summary: Decodable {
        struct Step: Decodable {
            let step: String
            let state: String
            let exit_status: Int?
            let reason: String?
        }
        let outcome: String
        let exit_status: Int
        let changed: Bool
        let error: String?
        let steps: [Step]

        var states: [String: String] {
            Dictionary(uniqueKeysWithValues: steps.map { ($0.step, $0.state) })
        }
    }

    /// The bundled model with noise for weights: every value between 1/32 and 1/16, of either sign.
    func writeNoise(_ name: String) throws {
        let target = "\(folder.path)/\(name)"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        for file in try FileManager.default.contentsOfDirectory(atPath: Self.repository + "/models/mini") {
            try FileManager.default.copyItem(
                atPath: "\(Self.repository)/models/mini/\(file)", toPath: "\(target)/\(file)")
        }
        let path = URL(fileURLWithPath: target + "/model.safetensors")
        var bytes = try Data(contentsOf: path)
        let header = bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) } + 8
        var random = SeededGenerator(state: 13)
        // A prime number of values, so that no two rows of a matrix are the same.
        let block = Data(
            (0..<65_537).flatMap { _ -> [UInt8] in
                let word = random.next()
                let half = UInt16(0x2800) | UInt16(word & 0x3ff) | (word & 0x400 == 0 ? 0 : 0x8000)
                return [UInt8(half & 0xff), UInt8(half >> 8)]
            })
        var position = header
        while position < bytes.count {
            let count = min(block.count, bytes.count - position)
            bytes.replaceSubrange(position..<(position + count), with: block.prefix(count))
            position += count
        }
        try bytes.write(to: path)
    }
}
