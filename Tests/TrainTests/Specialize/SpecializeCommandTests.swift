import Foundation
import TestSupport
import Testing

/// What the program writes and says, beside its numbers.
@Suite struct SpecializeCommandTests {
    private func object(_ data: Data?) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: data ?? Data()) as? [String: Any])
    }

    @Test func theRecordTellsHowTheCheckpointWasMade() throws {
        let small = try SmallRun()
        let outcome = try TrainProcess.run(
            small.arguments(
                "run", ["--epochs", "1", "--learning-rate", "1e-3", "--validate-every", "4steps", "--json"]))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try object(Data(outcome.output.utf8))
        #expect(report["steps"] as? Int == 8 && (report["constraints"] as? [String: Any])?["kept"] as? Int == 60)
        let record = try object(small.bytes("run/training.json")),
            last = try object(small.bytes("run/last/training.json"))
        for (document, kind) in [(record, "best"), (last, "last")] {
            let checkpoint = try #require(document["checkpoint"] as? [String: Any])
            #expect(checkpoint["kind"] as? String == kind && checkpoint["gain"] is Double)
            #expect((document["settings"] as? [String: Any])?["learning_rate"] as? Double == 1e-3)
            #expect((document["vanilla"] as? [[String: Any]])?.first?["pair"] as? String == "en-it")
            for part in ["model", "constraints", "validation"] {
                #expect(((document[part] as? [String: Any])?["fingerprint"] as? String)?.count == 32)
            }
        }
        let rows = try small.metrics("run")
        #expect(
            rows.compactMap { $0["mrr"] as? Double }.count == 3 && rows.compactMap { $0["loss"] as? Double }.count == 8)
        #expect(rows.first?["step"] as? Int == 0 && rows.first?["gain"] as? Double == 0)
        for key in ["epoch", "learning_rate", "pairs_per_second", "positive_cosine"] { #expect(rows[1][key] is Double) }
        for name in ["config.json", "vocab.txt", "modules.json", "1_Pooling/config.json"] {
            #expect(small.bytes("run/\(name)") != nil, "\(name)")
        }
    }

    @Test func wordsOfTestAndValidationSetsAreLeftOut() throws {
        let small = try SmallRun()
        let rows = try String(decoding: SmallRun.file("constraints.tsv"), as: UTF8.self).split(separator: "\n")
            .dropFirst()
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        let (language, word) = (rows[0][0], rows[0][1])
        // Nobody's "xx" words: only the first column's language counts.
        let other = language == "en" ? "it" : "en"
        let touched = rows.filter { ($0[0] == language && $0[1] == word) || ($0[2] == language && $0[3] == word) }.count
        let anywhere = rows.filter { $0[1] == word || $0[3] == word }.count
        try small.folder.write("named.txt", "\(word.uppercased())\tzzz\n")
        try small.folder.write("unnamed.tsv", "\(word)\tzzz\n")
        for (argument, expected) in [
            ("\(language)-\(other)=\(small.folder.path)/named.txt", touched),
            ("\(small.folder.path)/unnamed.tsv", anywhere),
        ] {
            let outcome = try TrainProcess.run(
                small.arguments(
                    "excluded\(expected)\(argument.count)", validation: false,
                    ["--max-steps", "1", "--json", "--exclude", argument]))
            #expect(outcome.status == 0, "\(outcome.errors)")
            let counts = try #require(try object(Data(outcome.output.utf8))["constraints"] as? [String: Any])
            #expect(counts["excluded"] as? Int == expected && counts["kept"] as? Int == 60 - expected)
        }
        // A row that is not two words is left out and counted, and with --strict an error.
        let path = try small.folder.write("rows.tsv", "\(word)\tzzz\n\nqqq\tzzz\n")
        for option in ["--exclude", "--validation"] {
            let strict = try TrainProcess.run(
                small.arguments(
                    "strict\(option)", validation: false,
                    [option, "en-it=\(path)", "--strict"]
                        + (option == "--exclude" ? [] : ["--vocabularies", small.folder.path])))
            #expect(strict.status == 65 && strict.errors.contains("\(path): line 2"), "\(strict.errors)")
        }
        let missing = try TrainProcess.run(
            small.arguments("none", validation: false, ["--exclude", "\(small.folder.path)/none.tsv"])
        )
        #expect(missing.status == 66, "\(missing.status) \(missing.errors)")
    }

    /// Dropout, accumulation, a schedule and adapters, stopped in the middle and resumed with another number of
    /// threads.
    @Test(arguments: ["full", "adapter"]) func everySettingResumesToTheSameBytes(method: String) throws {
        let small = try SmallRun()
        let more = [
            "--epochs", "30", "--learning-rate", "1e-3", "--method", method, "--dropout", "0.2",
            "--gradient-accumulation",
            "3", "--warmup", "0.1", "--schedule", "linear", "--sampling", "shuffle", "--weight-decay", "0.01",
            "--clip-norm", "1", "--seed", "7", "--loss", "supcon", "--input", "word-gloss",
        ]
        let whole = try TrainProcess.run(small.arguments("whole", more))
        #expect(whole.status == 0, "\(whole.errors)")
        let stopped = try small.stopped("parts", small.arguments("parts", more), by: SIGTERM)
        #expect(stopped.status == 75, "status \(stopped.status): \(stopped.errors)")
        let rest = try TrainProcess.run(
            small.arguments("parts", more + ["--resume", "--threads", "2"]))
        #expect(rest.status == 0 && rest.errors.contains("going on from step"), "\(rest.errors)")
        let names = method == "full" ? ["model.safetensors"] : ["adapter.safetensors", "pytorch_adapter.bin"]
        for file in names + names.map({ "last/\($0)" }) + ["training.json"] {
            #expect(
                small.bytes("parts/\(file)") != nil && small.bytes("parts/\(file)") == small.bytes("whole/\(file)"),
                "\(file)")
        }
    }

    /// What is drawn for a place does not depend on the steps before it.
    @Test func piecesDroppedAndPairsOfASynsetResumeToTheSameBytes() throws {
        let small = try SmallRun()
        let more = [
            "--epochs", "30", "--learning-rate", "1e-3", "--piece-dropout", "0.3", "--pairs-per-synset", "4", "--seed",
            "7",
            "--model", try small.modelWithLongerPieces(),
        ]
        let whole = try TrainProcess.run(small.arguments("whole", validation: false, more))
        #expect(whole.status == 0, "\(whole.errors)")
        #expect(try small.stopped("parts", small.arguments("parts", validation: false, more), by: SIGTERM).status == 75)
        let rest = try TrainProcess.run(
            small.arguments("parts", validation: false, more + ["--resume"]))
        #expect(rest.status == 0 && rest.errors.contains("going on from step"), "\(rest.errors)")
        for file in ["model.safetensors", "training.json"] {
            #expect(
                small.bytes("parts/\(file)") != nil && small.bytes("parts/\(file)") == small.bytes("whole/\(file)"),
                "\(file)")
        }
        // Each option changes what is learnt.
        for (name, value) in [("--piece-dropout", "0"), ("--pairs-per-synset", "1")] {
            let plain = try TrainProcess.run(
                small.arguments(name, validation: false, more + [name, value]))
            #expect(
                plain.status == 0 && small.bytes("\(name)/model.safetensors") != small.bytes("whole/model.safetensors"),
                "\(name)")
        }
        let other = try TrainProcess.run(
            small.arguments("whole", validation: false, more + ["--resume", "--piece-dropout", "0.2"])
        )
        #expect(other.status != 0 && other.errors.contains("piece_dropout"), "\(other.errors)")
    }

    @Test(arguments: [
        (["--pairs-per-synset", "3"], "multiple of --pairs-per-synset"),
        (["--pairs-per-synset", "2", "--sampling", "shuffle"], "is for --sampling smoothed"),
        (["--pairs-per-synset", "0"], "1 to 1024"), (["--piece-dropout", "1"], "at least 0 and below 1"),
    ]) func groupsAndPieceDropoutAreChecked(more: [String], message: String) throws {
        let small = try SmallRun()
        let outcome = try TrainProcess.run(small.arguments("none", validation: false, more))
        #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.status) \(outcome.errors)")
    }

    @Test func aVanishedOrForeignInputIsNamed() throws {
        let small = try SmallRun()
        let cases: [([String], Int32, String)] = [
            (["--constraints", "\(small.folder.path)/none.tsv"], 66, "none.tsv"),
            (["--model", "\(small.folder.path)/none"], 66, "none"),
            (["--vocabularies", "\(small.folder.path)/none"], 66, "none"),
            (["--maximum-length", "900"], 64, "--maximum-length"),
            (["--validation", "en-de=\(small.folder.path)/en-it.train.tsv"], 66, "no vocabulary of 'de'"),
        ]
        for (more, status, says) in cases {
            let outcome = try TrainProcess.run(small.arguments("bad", more))
            #expect(
                outcome.status == status && outcome.errors.contains(says),
                "\(more): \(outcome.status) \(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: "\(small.folder.path)/bad/model.safetensors"))
        }
    }
}
