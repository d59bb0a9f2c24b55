import Foundation
import TestSupport
import Testing

@testable import Indexer

/// list, verify, gc, remove, export, encode: their output, JSON and exit statuses.
@Suite struct StoreCommandTests {
    private let folder: TemporaryFolder
    private let store: String

    init() throws {
        folder = try TemporaryFolder()
        store = folder.path + "/store"
        try TinyCheckpoint().write(to: folder.path + "/model")
        _ = try folder.write("words/fi.txt", "talo\nkissa\ntalo\n \nkoira\n")
        _ = try folder.write("words/en.txt", "house\ncat\n")
        _ = try folder.write("fra-eng.tsv", "un chat\tone cat\nun chat\ta cat\n")
        let built = try IndexerProcess.run(
            [
                "build", "--store", store, "--checkpoint", "tiny=\(folder.path)/model", "--vocabularies",
                folder.path + "/words", "--sentence-pair", "fra-eng=\(folder.path)/fra-eng.tsv", "--codec", "fp32",
                "--quiet", "--json",
            ])
        #expect(built.status == 0, "\(built.errors)")
        #expect(built.errors.isEmpty)
    }

    private func run(_ arguments: [String]) throws -> IndexerProcess.Outcome {
        try IndexerProcess.run(arguments + ["--store", store])
    }

    private func staleness() throws -> [String: String] {
        let outcome = try run(["list", "--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let checkpoints = try #require(try outcome.object["checkpoints"] as? [[String: Any]])
        let collections = try #require(checkpoints.first?["collections"] as? [[String: Any]])
        return Dictionary(
            uniqueKeysWithValues: collections.map { ($0["collection"] as? String ?? "?", $0["stale"] as? String ?? "") }
        )
    }

    @Test func listTellsWhatIsStaleAndWhy() throws {
        let names = ["words/en", "words/fi", "sentences/fra-eng/eng", "sentences/fra-eng/fra"]
        #expect(try staleness() == Dictionary(uniqueKeysWithValues: names.map { ($0, "") }))
        let text = try run(["list"]).output
        #expect(text.contains("tiny        words/fi               0-2        3  fp32"), "\(text)")

        _ = try folder.write("words/en.txt", "house\ncat\ndog\n")
        try FileManager.default.removeItem(atPath: folder.path + "/fra-eng.tsv")
        let changed = try staleness()
        #expect(changed["words/fi"] == "")
        #expect(changed["words/en"] == "texts changed: \(folder.path)/words/en.txt")
        #expect(changed["sentences/fra-eng/eng"]?.hasPrefix("texts cannot be read") == true)

        try TinyCheckpoint(seed: 2).write(to: folder.path + "/model")
        #expect(try staleness().values.allSatisfy { $0.hasPrefix("checkpoint changed") })
        try FileManager.default.removeItem(atPath: folder.path + "/model")
        #expect(try staleness().values.allSatisfy { $0.hasPrefix("checkpoint cannot be read") })
    }

    @Test func staleCollectionsAreAStatusWhenAskedFor() throws {
        #expect(try run(["list", "--fail-if-stale"]).status == 0)
        _ = try folder.write("words/en.txt", "house\ncat\ndog\n")
        #expect(try run(["list"]).status == 0)
        let stale = try run(["list", "--fail-if-stale", "--json"])
        #expect(stale.status == 1)
        #expect(stale.errors.contains("1 of 4 collections are stale"), "\(stale.errors)")
        // The list is written all the same.
        #expect(try stale.object["checkpoints"] != nil)
        try FileManager.default.removeItem(atPath: folder.path + "/model")
        #expect(try run(["list", "--fail-if-stale"]).errors.contains("4 of 4 collections are stale"))
        #expect(try run(["list", "--fail-if-stale", "--no-sources"]).status == 64)
    }

    @Test func verifyFindsAFlippedByte() throws {
        #expect(try run(["verify"]).status == 0)
        let files = TemporaryFolder.files(in: store, ending: ".faiss")
        let name = try #require(files.keys.sorted().first)
        var bytes = try #require(files[name])
        bytes[bytes.count / 2] ^= 4
        try bytes.write(to: URL(fileURLWithPath: store + "/" + name))
        let outcome = try run(["verify", "--json"])
        #expect(outcome.status == 1)
        let finding = try outcome.object
        #expect(finding["severity"] as? String == "damage")
        #expect((finding["place"] as? String)?.contains(URL(fileURLWithPath: name).lastPathComponent) == true)
    }

    @Test func gcRemovesWhatNothingPointsTo() throws {
        let stray = store + "/data/tiny/words/fi/layer-09.0123456789ab.faiss"
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: stray))
        let dry = try run(["gc", "--dry-run", "--json"])
        #expect(try dry.object["bytes"] as? Int == 3)
        #expect(FileManager.default.fileExists(atPath: stray))
        #expect(try run(["gc"]).status == 0)
        #expect(!FileManager.default.fileExists(atPath: stray))
        #expect(try run(["verify"]).status == 0)
    }

    @Test func removeTakesACollectionThenTheCheckpoint() throws {
        #expect(try run(["remove", "--checkpoint", "tiny", "--collection", "words/fi"]).status == 0)
        #expect(try staleness().keys.sorted() == ["sentences/fra-eng/eng", "sentences/fra-eng/fra", "words/en"])
        let unknown = try run(["remove", "--checkpoint", "tiny", "--collection", "words/fi"])
        #expect(unknown.status == 66)
        #expect(try run(["remove", "--checkpoint", "tiny"]).status == 0)
        #expect(TemporaryFolder.files(in: store, ending: ".faiss").isEmpty)
        #expect(try run(["list"]).status == 0)
        let none = try IndexerProcess.run(["list", "--store", folder.path + "/nosuch"])
        #expect(none.status == 66)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/nosuch"))
    }

    /// Vectors that are dropped are gone, known, and made again by the same build, with the same bytes.
    @Test func droppedVectorsComeBack() throws {
        let build = [
            "build", "--checkpoint", "tiny=\(folder.path)/model", "--vocabularies", folder.path + "/words",
            "--sentence-pair", "fra-eng=\(folder.path)/fra-eng.tsv", "--codec", "fp32", "--json",
        ]
        let before = TemporaryFolder.files(in: store + "/data", ending: "")
        let dropped = try run(["remove", "--checkpoint", "tiny", "--vectors", "--json"])
        #expect(dropped.status == 0, "\(dropped.errors)")
        #expect(try dropped.object["files"] as? Int == 12 && before.count == 12)
        #expect(TemporaryFolder.files(in: store + "/data", ending: "").isEmpty)
        #expect(try run(["verify"]).output == "\(store): sound\n")
        #expect((try run(["gc", "--json"]).object["files"] as? [Any])?.isEmpty == true)
        let list = try run(["list"])
        #expect(list.output.contains("dropped"), "\(list.output)")
        let export = try run([
            "export", "--checkpoint", "tiny", "--collection", "words/fi", "--layer", "0", "--out",
            folder.path + "/fi.npy",
        ])
        #expect(
            export.status == 66 && export.errors.contains("were dropped after their evaluation"), "\(export.errors)")
        #expect(try run(["remove", "--checkpoint", "tiny", "--vectors", "--json"]).object["files"] as? Int == 0)
        let snapshot = try run(["snapshot", "--out", folder.path + "/snapshot", "--json"])
        #expect(try snapshot.object["linked"] as? Int == 0 && snapshot.object["collections"] as? Int == 4)

        #expect(try run(build + ["--ephemeral"]).errors.contains("everything is up to date"))
        let dry = try run(build + ["--dry-run"])
        #expect(dry.status == 0 && !dry.errors.contains("up to date"))
        #expect(try run(build + ["--quiet"]).status == 0)
        #expect(TemporaryFolder.files(in: store + "/data", ending: "") == before)
        #expect(try run(["verify"]).output == "\(store): sound\n")
        #expect(!(try run(["list"]).output.contains("dropped")))

        // Texts that have changed are encoded, dropped or not.
        #expect(try run(["remove", "--checkpoint", "tiny", "--collection", "words/en", "--vectors"]).status == 0)
        _ = try folder.write("words/en.txt", "house\ncat\ndog\n")
        #expect(try run(build + ["--ephemeral", "--quiet"]).status == 0)
        let now = TemporaryFolder.files(in: store + "/data", ending: "")
        #expect(now.count == 12 && now.keys.count { before[$0] == nil } == 3)
        #expect(try IndexerProcess.run(["build", "--ephemeral", "--plan", folder.path]).status == 64)
    }

    /// Exported rows are the normalised ones of `encode`, at every layer, in the order of the texts.
    @Test func exportAndEncodeAgree() throws {
        let encoded = folder.path + "/raw.npy"
        let outcome = try IndexerProcess.run(
            ["encode", "--checkpoint", folder.path + "/model", "--out", encoded, "--json"],
            input: "talo\n \nkissa\nkoira")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try outcome.object["without_vector"] as? Int == 1)
        #expect(outcome.errors.contains("line 2: no vector"))
        let raw = try floats(encoded, shape: "(4, 3, 16)")
        #expect(raw[(3 * 16)..<(2 * 3 * 16)].allSatisfy { $0.isNaN })
        for layer in 0...2 {
            let path = folder.path + "/fi.npy"
            let export = try run([
                "export", "--checkpoint", "tiny", "--collection", "words/fi", "--layer", "\(layer)", "--out", path,
                "--texts", folder.path + "/fi.texts",
            ])
            #expect(export.status == 0, "\(export.errors)")
            let exported = try floats(path, shape: "(3, 16)")
            for (row, line) in [0, 2, 3].enumerated() {
                let vector = raw[((line * 3 + layer) * 16)..<((line * 3 + layer + 1) * 16)].map(Double.init)
                let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
                for (i, value) in vector.enumerated() {
                    #expect(abs(Double(exported[row * 16 + i]) - value / length) < 1e-6)
                }
            }
        }
        #expect(try String(contentsOfFile: folder.path + "/fi.texts", encoding: .utf8) == "talo\nkissa\nkoira\n")
        let unknown = try run([
            "export", "--checkpoint", "tiny", "--collection", "words/fi", "--layer", "9", "--out",
            folder.path + "/no.npy",
        ])
        #expect(unknown.status == 66)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/no.npy"))
    }

    private func floats(_ path: String, shape: String) throws -> [Float] {
        let bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        #expect(String(decoding: bytes[10..<128], as: UTF8.self).contains("'shape': \(shape)"))
        return bytes[128...].withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    @Test func glossesChangeAWordsVector() throws {
        let path = folder.path + "/gloss.npy"
        let arguments = ["encode", "--checkpoint", folder.path + "/model", "--layers", "2", "--out", path]
        #expect(
            try IndexerProcess.run(
                arguments + ["--input", "word-gloss"], input: "talo\ta house\ntalo\ta dog\n"
            ).status == 0)
        let pair = try floats(path, shape: "(2, 1, 16)")
        #expect(pair[..<16] != pair[16...])
        let broken = try IndexerProcess.run(
            arguments + ["--input", "word-gloss"], input: "talo\n")
        #expect(broken.status == 65)
        #expect(broken.errors.contains("line 1"))
    }

    /// `--help` of every command has an example.
    @Test(arguments: [
        "build", "list", "verify", "gc", "remove", "export", "encode", "tokenize", "plan", "merge", "nightly",
    ])
    func helpHasAnExample(command: String) throws {
        let outcome = try IndexerProcess.run([command, "--help"])
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("Example:") && outcome.output.contains("indexer \(command)"))
    }
}
