import Encoder
import Evaluation
import Foundation
import TestSupport
import Testing

@testable import Lookup
@testable import Query
@testable import Store

@Suite struct XlsimCommandTests {
    private static let pairs = """
        ID,ENG,FIN,PoS,score
        1,dog,koira,nouns,5.9
        2,dog,kissa,nouns,3.1
        3,house,talo,nouns,5.5
        4,blue,talo,adjectives,0.5
        5,ice cream,jäätelö,nouns,6
        6,cat,sininen,nouns,nan

        """

    /// A store that knows the checkpoint and, of all the words of the pairs, only some: the rest has to be encoded.
    private func fixture(stored: [String], layers kept: [Int] = [0, 1]) throws -> QueryFixture {
        let fixture = try QueryFixture()
        let folder = fixture.folder + "/tiny"
        try TinyCheckpoint.ofWords().write(to: folder)
        let checkpoint = try Checkpoint(folder: folder)
        let record = QueryFixture.checkpoint(
            "tiny", hiddenSize: TinyCheckpoint.ofWords().hiddenSize, layerCount: 1, source: folder,
            fingerprint: checkpoint.fingerprint)
        let encoder = try TextEncoder(record, highestLayer: 1, pooling: nil)
        let encoded = try encoder.encode(stored.map { Array($0.utf8) }, layers: [0, 1], threads: 1)
        var layers: [Int: [[Float]]] = [:]
        for layer in kept {
            layers[layer] = stored.indices.map {
                Array(
                    UnsafeBufferPointer(
                        start: encoded.row(layer: layer, text: $0), count: TinyCheckpoint.ofWords().hiddenSize))
            }
        }
        try fixture.publish("words/en", stored, layers: layers, checkpoint: record)
        try fixture.file("pairs/ENG-FIN.csv", Self.pairs)
        return fixture
    }

    /// A file is scored as in its folder, whatever its name: its header tells the languages.
    @Test func onePairsFile() throws {
        let some = try fixture(stored: ["dog", "cat", "house"])
        func rows(_ path: String, _ more: [String] = []) throws -> [NSDictionary] {
            let arguments = ["xlsim", "--pairs", path, "--store", some.storeFolder, "--json", "--recompute"] + more
            let outcome = try QueryProcess.run(arguments)
            #expect(outcome.status == 0, "\(outcome.errors)")
            return try outcome.rows.map { $0 as NSDictionary }
        }
        let folder = try rows(some.folder + "/pairs")
        #expect(folder.count == 2)
        for (one, other) in zip(folder, try rows(some.folder + "/pairs/ENG-FIN.csv")) {
            for key in ["dataset", "pair", "layer", "rho"] {
                #expect((one[key] as? NSObject) == (other[key] as? NSObject) && one[key] != nil, "\(key)")
            }
        }
        try some.file("mine/words.csv", Self.pairs)
        let named = try rows(some.folder + "/mine/words.csv")
        #expect(named.map { $0["dataset"] as? String } == ["mine", "mine"])
        #expect(named.map { $0["rho"] as? Double } == folder.map { $0["rho"] as? Double })
        let missing = try QueryProcess.run(
            ["xlsim", "--pairs", some.folder + "/nowhere.csv", "--store", some.storeFolder])
        #expect(missing.status == 66 && missing.errors.contains("nowhere.csv"), "\(missing.errors)")
    }

    /// A word of several files is stored for one of them and not for another: "dog" is no Finnish word that is stored,
    /// whichever file comes first.
    @Test func aFilesScoreDoesNotDependOnTheOthers() throws {
        let some = try fixture(stored: ["dog", "cat", "house"])
        let loan = "ID,FIN,DEU,PoS,score\n1,dog,koira,nouns,5\n2,talo,dog,nouns,3\n3,cat,kissa,nouns,4\n"
        try some.file("pairs/FIN-DEU.csv", loan)
        try some.file("pairs/AAA-FIN.csv", loan.replacingOccurrences(of: "FIN,DEU", with: "AAA,FIN"))
        let arguments = [
            "xlsim", "--pairs", some.folder + "/pairs", "--store", some.storeFolder, "--json", "--recompute",
        ]
        func rows(_ more: [String]) throws -> [String: [Double?]] {
            let found = try QueryProcess.run(arguments + more).rows
            return Dictionary(grouping: found) { "\($0["pair"] ?? "") \($0["layer"] ?? "")" }
                .mapValues { rows in rows.flatMap { [$0["rho"] as? Double, $0["encoded"] as? Double] } }
        }
        let together = try rows([])
        #expect(together.count == 6)
        var alone: [String: [Double?]] = [:]
        for name in ["ENG-FIN", "FIN-DEU", "AAA-FIN"] { alone.merge(try rows(["--only", name])) { $1 } }
        #expect(alone == together)
        // dog, talo, cat, koira, kissa: none is stored as Finnish or German.
        #expect(together["FIN-DEU 1"]?[1] == 5 && together["ENG-FIN 1"]?[1] == 6, "\(together)")
    }

    /// A vocabulary that is stored at layer 1 alone: layer 1 is read from it also where layer 0 is asked for, which is
    /// encoded.
    @Test func aLayersScoreDoesNotDependOnTheOthers() throws {
        let some = try fixture(stored: ["dog", "cat", "house"], layers: [1])
        let arguments = [
            "xlsim", "--pairs", some.folder + "/pairs", "--store", some.storeFolder, "--json", "--recompute",
        ]
        func rows(_ layers: String) throws -> [[Double?]] {
            let found = try QueryProcess.run(arguments + ["--layers", layers])
            #expect(found.status == 0, "\(found.messages)")
            return try found.rows.map { [$0["layer"] as? Double, $0["rho"] as? Double, $0["encoded"] as? Double] }
        }
        let together = try rows("0,1")
        #expect(together.map { $0[2] } == [8, 6], "dog and house come from the store at layer 1")
        #expect(try rows("0") + rows("1") == together)
    }

    @Test func wordsThatAreNotStoredAreEncodedAndTheScoreIsTheSame() throws {
        let some = try fixture(stored: ["dog", "cat", "house"])
        let command = try QueryProcess.run([
            "xlsim", "--pairs", some.folder + "/pairs", "--store", some.storeFolder, "--json",
        ])
        #expect(command.status == 0, "\(command.messages)")
        let rows = try command.rows
        #expect(rows.map { $0["layer"] as? Int } == [0, 1])
        #expect(rows.allSatisfy { $0["pair"] as? String == "ENG-FIN" && $0["pairs"] as? Int == 5 })
        #expect(rows.allSatisfy { $0["omitted"] as? Int == 1 && $0["without_vector"] as? Int == 0 })
        // dog and house come from the store; blue, ice cream and the four Finnish words do not.
        #expect(rows.allSatisfy { $0["encoded"] as? Int == 6 })

        let other = try fixture(stored: ["house"])
        let rest = try QueryProcess.run([
            "xlsim", "--pairs", other.folder + "/pairs", "--store", other.storeFolder, "--json",
        ]).rows
        for (a, b) in zip(rows, rest) { #expect(a["rho"] as? Double == b["rho"] as? Double) }
        #expect(rest.allSatisfy { $0["encoded"] as? Int == 7 })

        // ρ from the vectors themselves.
        let record = try #require(try some.store.checkpoint("tiny"))
        let texts = ["dog", "koira", "dog", "kissa", "house", "talo", "blue", "talo", "ice cream", "jäätelö"]
        let encoded = try TextEncoder(record, highestLayer: 1, pooling: nil).encode(
            texts.map { Array($0.utf8) }, layers: [0, 1], threads: 2)
        for layer in 0...1 {
            let cosines = stride(from: 0, to: 10, by: 2).map {
                cosine(encoded.row(layer: layer, text: $0), encoded.row(layer: layer, text: $0 + 1))
            }
            let expected = SpearmanCorrelation(cosines, [5.9, 3.1, 5.5, 0.5, 6]).rho
            let found = try #require(rows[layer]["rho"] as? Double)
            #expect(abs(found - expected) < 1e-12)
        }
        let again = try QueryProcess.run([
            "xlsim", "--pairs", some.folder + "/pairs", "--store", some.storeFolder, "--json",
        ])
        #expect(again.output == command.output && again.messages.contains("all 2 results are from the store"))
    }

    @Test func aCheckpointFolderThatHoldsOtherWeightsIsRefused() throws {
        let fixture = try fixture(stored: ["dog"])
        try TinyCheckpoint.ofWords(seed: 2).write(to: fixture.folder + "/tiny")
        let command = try QueryProcess.run([
            "xlsim", "--pairs", fixture.folder + "/pairs", "--store", fixture.storeFolder,
        ])
        #expect(command.status == 66 && command.output.isEmpty)
        #expect(command.messages.contains("/tiny: holds another checkpoint than the one 'tiny' was stored from"))
        // A stored word needs no model, another one does.
        let stored = try QueryProcess.run(["translate", "dog", "--to", "en", "--store", fixture.storeFolder, "--json"])
        #expect(stored.status == 0 && stored.output.contains(#""stored":true"#))
        let other = try QueryProcess.run(["translate", "koira", "--to", "en", "--store", fixture.storeFolder])
        #expect(other.status == 66 && other.messages.contains("holds another checkpoint"))
    }

    @Test func aWordThatIsNotStoredIsEncodedForTranslation() throws {
        let fixture = try fixture(stored: ["dog", "cat", "house"])
        let row = try #require(
            try QueryProcess.run([
                "translate", "ice cream", "--to", "en", "--store", fixture.storeFolder, "--json",
            ]).rows.first)
        #expect(row["stored"] as? Bool == false && row["from"] is NSNull)
        #expect((row["encoded_with"] as? String)?.hasSuffix("/tiny") == true)
        #expect((row["results"] as? [[String: Any]])?.count == 3)
        let table = try QueryProcess.run(["translate", "ice cream", "--to", "en", "--store", fixture.storeFolder])
            .output
        #expect(table.contains("ice cream (language unknown) → en · tiny · layer 1"))
        #expect(table.contains("not in the store: encoded now with "))
        let scaled = try QueryProcess.run([
            "translate", "ice cream", "--to", "en", "--scoring", "csls", "--store", fixture.storeFolder,
        ])
        #expect(scaled.status == 64 && scaled.messages.contains("say which with --from: en"))
        let nothing = try QueryProcess.run(["translate", "\u{AD}", "--to", "en", "--store", fixture.storeFolder])
        #expect(nothing.status == 65 && nothing.messages.contains("has no vector: it tokenises to nothing"))
    }

    @Test func unknownPairsAndLayers() throws {
        let fixture = try fixture(stored: ["dog"])
        func run(_ arguments: [String]) throws -> QueryProcess.Outcome {
            try QueryProcess.run(
                ["xlsim", "--pairs", fixture.folder + "/pairs", "--store", fixture.storeFolder] + arguments)
        }
        #expect(try run(["--only", "ENG-FRA"]).messages.contains("no pair 'ENG-FRA'"))
        let layer = try run(["--layers", "1,5"])
        #expect(layer.status == 66 && layer.messages.contains("tiny model: layer 5 asked for"))
        let single = try run(["--layers", "1", "--json"])
        #expect(try single.rows.count == 1)
    }

    private func cosine(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Double {
        var (ab, aa, bb) = (0.0, 0.0, 0.0)
        for i in 0..<TinyCheckpoint.ofWords().hiddenSize {
            ab += Double(a[i]) * Double(b[i])
            aa += Double(a[i]) * Double(a[i])
            bb += Double(b[i]) * Double(b[i])
        }
        return ab / (aa * bb).squareRoot()
    }
}
