import Foundation
import Store
import TestSupport
import Testing

/// A small BERT taught by a store's vectors, as a user does it.
@Suite struct DistillCommandTests {
    private let small: SmallRun
    private let fixture: QueryFixture
    /// Values of the student's vectors, and of the teacher's.
    private static let dimension = 16

    init() throws {
        small = try SmallRun()
        fixture = try QueryFixture()
        let teacher = QueryFixture.checkpoint("big", hiddenSize: Self.dimension)
        for (language, ending) in [("en", "e"), ("it", "")] {
            let words = (0..<40).map { "q\(String($0, radix: 7))z" }
            var random = SeededGenerator(state: 5)
            // The same vectors for a word of either language: a teacher that knows both.
            let vectors = words.map { _ in
                (0..<Self.dimension).map { _ in Float.random(in: -1...1, using: &random) }
            }
            try fixture.publish(
                "words/\(language)", words.map { $0 + ending }, layers: [1: vectors.reversed(), 2: vectors],
                checkpoint: teacher)
        }
    }

    private func arguments(_ out: String, _ more: [String] = []) -> [String] {
        [
            "distill", "--model", "\(SmallRun.fixture)/model", "--store", fixture.storeFolder, "--out",
            "\(small.folder.path)/\(out)", "--batch-size", "16", "--learning-rate", "1e-2", "--dropout", "0",
            "--threads", "1", "--epochs", "10",
        ] + more
    }

    private func object(_ name: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: small.bytes(name) ?? Data()) as? [String: Any])
    }

    @Test(arguments: ["cosine", "mse"]) func theStudentComesNearItsTeacher(loss: String) throws {
        let outcome = try TrainProcess.run(
            arguments(
                "taught",
                [
                    "--loss", loss, "--json", "--validation", "en-it=\(small.folder.path)/en-it.train.tsv",
                    "--vocabularies", "\(small.folder.path)/vocabularies",
                ]))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("80 texts of 2 collections, big at layer 2"), "\(outcome.errors)")
        #expect(try outcome.object["steps"] as? Int == 50)
        let rows = try small.metrics("taught").filter { $0["loss"] != nil }
        let cosines = rows.compactMap { $0["teacher_cosine"] as? Double }
        #expect(rows.count == 50 && cosines.count == 50 && rows[0]["texts_per_second"] is Double)
        let before = cosines.prefix(10).reduce(0, +) / 10, after = cosines.suffix(10).reduce(0, +) / 10
        #expect(after > before + 0.2, "\(cosines)")

        let record = try object("taught/training.json")
        let teacher = try #require(record["teacher"] as? [String: Any])
        #expect(teacher["name"] as? String == "big" && teacher["layer"] as? Int == 2)
        #expect(teacher["kept_share"] is NSNull && (teacher["fingerprint"] as? String)?.count == 32)
        #expect((record["settings"] as? [String: Any])?["loss"] as? String == loss)
        let texts = try #require(record["texts"] as? [String: Any])
        #expect((texts["counts"] as? [String: Any])?["kept"] as? Int == 80)
        #expect((record["checkpoint"] as? [String: Any])?["kind"] as? String == "best")
        let card = try small.folder.read("taught/README.md")
        #expect(card.contains("# model, taught by big") && card.contains("- teacher big: "))
        for name in ["config.json", "vocab.txt", "modules.json", "1_Pooling/config.json", "last/model.safetensors"] {
            #expect(small.bytes("taught/\(name)") != nil, "\(name)")
        }
    }

    @Test func aStoppedRunEndsWithTheSameBytes() throws {
        let more = [
            "--epochs", "40", "--model", try small.modelWithLongerPieces(), "--piece-dropout", "0.3", "--center",
            "--sampling", "smoothed", "--dropout", "0.1", "--seed", "3",
        ]
        let whole = try TrainProcess.run(arguments("whole", more))
        #expect(whole.status == 0, "\(whole.errors)")
        let stopped = try small.stopped("parts", arguments("parts", more), by: SIGTERM)
        #expect(stopped.status == 75, "\(stopped.errors)")
        let other = try TrainProcess.run(arguments("parts", more + ["--resume", "--layer", "1"]))
        #expect(other.status == 64 && other.errors.contains("teacher's texts and vectors"), "\(other.errors)")
        let rest = try TrainProcess.run(arguments("parts", more + ["--resume", "--threads", "2"]))
        #expect(rest.status == 0 && rest.errors.contains("going on from step"), "\(rest.errors)")
        for file in ["model.safetensors", "training.json"] {
            #expect(
                small.bytes("parts/\(file)") != nil && small.bytes("parts/\(file)") == small.bytes("whole/\(file)"),
                "\(file)")
        }
    }

    @Test func whatCannotBeLearntIsSaid() throws {
        let wide = "\(small.folder.path)/wide", letters = "\(small.folder.path)/letters"
        try TinyCheckpoint(hiddenSize: 32).write(to: wide)
        var narrow = TinyCheckpoint(hiddenSize: 8)
        narrow.pieces = ["α", "##α"]
        try narrow.write(to: letters)
        let cases: [([String], Int32, String)] = [
            (["--teacher", "huge"], 66, "huge"), (["--layer", "5"], 66, "no vectors of layer 5, stored layers: 1, 2"),
            (["--collections", "words/fi"], 66, "no 'words/fi' of big"),
            (["--model", wide], 65, "its vectors have 32 values, those of big 16"),
            (["--store", "\(small.folder.path)/none"], 66, "none"),
            (["--model", "\(small.folder.path)/none"], 66, "none"), (["--batch-size", "0"], 64, "--batch-size"),
            (["--layer", "-1"], 64, "--layer"),
        ]
        for (more, status, says) in cases {
            let outcome = try TrainProcess.run(arguments("bad", more))
            #expect(
                outcome.status == status && outcome.errors.contains(says),
                "\(more): \(outcome.status) \(outcome.errors)")
            #expect(small.bytes("bad/model.safetensors") == nil)
        }
        // A narrower student learns what the longer vectors differ in; one that can write nothing is told so.
        let outcome = try TrainProcess.run(arguments("written", ["--model", letters, "--max-steps", "2"]))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("16 values a vector reduced to 8, which keep"), "\(outcome.errors)")
        #expect(outcome.errors.contains("80 are nothing but the unknown token"), "\(outcome.errors)")
    }
}
