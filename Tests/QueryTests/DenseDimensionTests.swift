import Encoder
import Foundation
import TestSupport
import Testing

/// Questions to a store whose checkpoint has vectors of two dimensions: a Dense that makes 12 values of 16.
@Suite struct DenseDimensionTests {
    private let folder: TemporaryFolder
    private var store: String { folder.path + "/store" }

    init() throws {
        folder = try TemporaryFolder()
        try TinyCheckpoint().write(to: folder.path + "/model")
        try DenseFixture(16, 12).writeModules(to: folder.path + "/model")
        _ = try folder.write("words/en.txt", "dog\nhouse\ncat\nmoon\nsun\n")
        _ = try folder.write("words/fi.txt", "koira\ntalo\nkissa\nkuu\naurinko\n")
        let first = ["dog", "cat and moon", "the sun"], second = ["a dog", "cat moon", "sun"]
        _ = try folder.write("sentences/t.fra-eng.fra", first.joined(separator: "\n") + "\n")
        _ = try folder.write("sentences/t.fra-eng.eng", second.joined(separator: "\n") + "\n")
        _ = try folder.write("d/en-fi.tsv", "dog\tkoira\nhouse\ttalo\ncat\tkissa\n")
        _ = try folder.write(
            "pairs/ENG-FIN.csv",
            "ID,ENG,FIN,PoS,score\n1,dog,koira,n,6\n2,house,talo,n,5\n3,cat,star,n,1\n4,moon,kuu,n,4\n")
    }

    private func build(_ options: [String] = []) throws {
        let outcome = try IndexerProcess.run(
            [
                "build", "--store", store, "--checkpoint", "tiny=\(folder.path)/model", "--vocabularies",
                folder.path + "/words", "--sentences", folder.path + "/sentences", "--codec", "fp32", "--quiet",
            ] + options)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private func ask(_ arguments: [String]) throws -> ProgramProcess.Outcome {
        let outcome = try QueryProcess.run(arguments + ["--store", store])
        #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        return outcome
    }

    /// Every question with words of either dimension; a word that is not stored ("star") is encoded in theirs.
    @Test(arguments: [[], ["--word-pooling", "model"]])
    func everyQuestionIsAnswered(options: [String]) throws {
        try build(options)
        let translated = try ask([
            "translate", "star", "dog", "--from", "en", "--to", "fi", "--json", "--native", "off",
        ])
        #expect(translated.output.contains("\"koira\"") && translated.errors.isEmpty, "\(translated.errors)")
        #expect(try ask(["bli", "--dictionaries", folder.path + "/d", "--json", "--quiet"]).rows.count == 3)
        let tatoeba = try ask(["tatoeba", "--json", "--quiet"]).rows
        #expect(tatoeba.map { $0["layer"] as? Int } == [0, 1, 2])
        #expect(tatoeba.allSatisfy { $0["sentences"] as? Int == 3 })
        for layers in [[], ["--layers", "0-2:mean"]] {
            let rows = try ask(["xlsim", "--pairs", folder.path + "/pairs", "--json", "--quiet"] + layers).rows
            #expect(rows.count == (layers.isEmpty ? 3 : 1))
            #expect(rows.allSatisfy { $0["pairs"] as? Int == 4 && $0["encoded"] as? Int == 1 }, "\(rows)")
        }
        #expect(try ask(["tatoeba", "--layers", "0-2:mean", "--json", "--quiet"]).rows.count == 1)
        #expect(try ask(["hubs", "--from", "en", "--to", "fi", "--json", "--quiet"]).output.contains("tiny"))
        for word in ["dog", "star"] {
            let explained = try ask(["explain", word, "--from", "en", "--to", "fi", "--gold", "koira", "--json"])
            #expect(explained.output.contains("koira"))
        }
        #expect(try ask(["induce", "--from", "en", "--to", "fi", "--out", folder.path + "/dictionary"]).status == 0)
        #expect(try ask(["report", "--out", "-"]).output.contains("hidden size"))
    }

    /// The similarities are those of the vectors `indexer encode` writes.
    @Test func similaritiesAreOfTheDensesVectors() throws {
        try build(["--word-pooling", "model"])
        let words = ["dog", "koira", "house", "talo", "cat", "star", "moon", "kuu"]
        let out = folder.path + "/out.npy"
        let encoded = try IndexerProcess.run(
            [
                "encode", "--checkpoint", folder.path + "/model", "--layers", "2", "--out", out, "--input", "sentence",
                "--pooling", "model",
            ], input: words.joined(separator: "\n") + "\n")
        try #require(encoded.status == 0, "\(encoded.errors)")
        let data = try Data(contentsOf: URL(fileURLWithPath: out))
        let values = data.dropFirst(10 + Int(data[8]) + 256 * Int(data[9])).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { Double(bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)) }
        }
        #expect(values.count == words.count * 12)
        func row(_ number: Int) -> ArraySlice<Double> { values[number * 12..<(number + 1) * 12] }
        func cosine(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> Double {
            func product(_ x: ArraySlice<Double>, _ y: ArraySlice<Double>) -> Double {
                zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
            }
            return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
        }
        let cosines = stride(from: 0, to: words.count, by: 2).map { cosine(row($0), row($0 + 1)) }
        func ranks(_ x: [Double]) -> [Double] { x.map { value in Double(x.count { $0 < value }) } }
        let (a, b) = (ranks(cosines), ranks([6, 5, 1, 4]))
        let expected = 1 - 6 * zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / (4 * 15)
        let found = try ask(["xlsim", "--pairs", folder.path + "/pairs", "--layers", "2", "--json", "--quiet"]).rows
        let rho = try #require(found.first?["rho"] as? Double)
        #expect(abs(rho - expected) < 1e-9, "\(rho), \(expected)")
    }

    /// Words of one language were built with the Dense and of the other without.
    @Test func wordsOfTwoDimensionsAreNotCompared() throws {
        try build()
        let again = try IndexerProcess.run(
            [
                "build", "--store", store, "--checkpoint", "tiny=\(folder.path)/model", "--vocabulary",
                "fi=\(folder.path)/words/fi.txt", "--word-pooling", "model", "--codec", "fp32", "--quiet",
            ])
        try #require(again.status == 0, "\(again.errors)")
        for arguments in [
            ["translate", "dog", "--from", "en", "--to", "fi"], ["bli", "--dictionaries", folder.path + "/d"],
            ["xlsim", "--pairs", folder.path + "/pairs"], ["hubs", "--from", "en", "--to", "fi"],
            ["explain", "dog", "--from", "en", "--to", "fi", "--gold", "koira"],
            ["induce", "--from", "en", "--to", "fi", "--out", folder.path + "/dictionary"],
        ] {
            let outcome = try QueryProcess.run(arguments + ["--store", store])
            #expect(outcome.status != 0)
            #expect(
                outcome.errors.contains("Dense ") && outcome.errors.contains("(as in the paper)"),
                "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains("build"), "\(arguments): \(outcome.errors)")
        }
    }
}
