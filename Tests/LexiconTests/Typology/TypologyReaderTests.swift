import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@testable import Lexicon

@Suite struct TypologyReaderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder(inMemory: true) }

    /// Written by tools/goldens/make-typology-goldens.
    private static func golden(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/typology/\(name)").path
    }

    private func values(_ vectors: TypologyVectors, _ language: String) throws -> [Double] {
        Array(vectors.values(at: try #require(vectors.row(of: language))))
    }

    @Test func readsATableWithCommas() throws {
        let path = try folder.write("t.csv", "lang,S_A,S_B,P_C\nen,1,0,1\nfin,0,0.5,--\n")
        let vectors = try TypologyReader.read(path: path, prefix: "S_")
        #expect(vectors.features == ["S_A", "S_B"] && vectors.codes == ["en", "fin"])
        #expect(try values(vectors, "fi") == [0, 0.5])
        #expect(try values(vectors, "eng") == [1, 0])
        #expect(vectors.row(of: "de") == nil)
        let all = try TypologyReader.read(path: path, prefix: "")
        #expect(all.features.count == 3)
        #expect(try values(all, "fin")[2].isNaN)
    }

    @Test func readsWhatLang2vecPrints() throws {
        let path = try folder.write("t.tsv", "CODE\tS_A\tS_B\neng\t1.0\t0.0\ndeu\t--\t1.0\n")
        let vectors = try TypologyReader.read(path: path, prefix: "S_")
        #expect(try values(vectors, "en") == [1, 0])
        #expect(try values(vectors, "de")[0].isNaN)
    }

    @Test(arguments: ["small.npz", "stored.npz"])
    func readsLang2vecsArchive(name: String) throws {
        let vectors = try TypologyReader.read(path: Self.golden(name), prefix: "S_")
        #expect(vectors.features == ["S_ONE", "S_TWO", "S_THREE"] && vectors.codes == ["deu", "cmn", "zho"])
        #expect(try values(vectors, "de") == [1, 0, 1])
        // The macro-language, as lang2vec's own two-letter table has it, although its member stands first.
        #expect(try values(vectors, "zh") == [0, 1, 0.5])
        #expect(try values(vectors, "cmn")[2].isNaN)
    }

    @Test func refusesWhatIsNoTable() throws {
        for (text, expected) in [
            ("", "a header"), ("lang\nen\n", "line 1"), ("lang,S_A\nen,1,2\n", "line 2: expected 2 cells"),
            ("lang,S_A\nen,x\n", "expected a number for S_A, found 'x'"), ("lang,S_A\nen,inf\n", "a number"),
            ("lang,S_A\nen,1\nen,0\n", "line 3: expected one row for each language"),
            ("lang,S_A\n", "rows of languages"),
            ("lang,P_A\nen,1\n", "names start with 'S_'"), ("lang,S_A\n1x,1\n", "a language code"),
        ] {
            let path = try folder.write("t.csv", text)
            #expect {
                try TypologyReader.read(path: path, prefix: "S_")
            } throws: { error in
                guard let error = error as? LexiconError else { return false }
                return error.exitStatus == .badInput && error.description.contains(expected)
            }
        }
    }

    @Test func refusesArchivesOfSeveralSources() throws {
        #expect {
            try TypologyReader.read(path: Self.golden("sources.npz"), prefix: "S_")
        } throws: { error in
            (error as? FileError)?.description.contains("2 sources") ?? false
        }
        let path = try folder.write("t.npz", "PK but no zip, and long enough to hold an end record")
        #expect(throws: FileError.self) { try TypologyReader.read(path: path, prefix: "S_") }
    }

    /// Truncated and damaged archives throw an error of the library or, where the change does not matter, are read.
    @Test func damagedArchivesNeverTrap() throws {
        var generator = SeededGenerator(state: 4)
        var refused = 0
        for name in ["small.npz", "stored.npz"] {
            let seed = try rawBytes(Self.golden(name))
            for round in 0..<1_000 {
                var bytes = seed
                if round % 4 == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &generator)) }
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes[place] = UInt8.random(in: 0...255, using: &generator)
                }
                let path = try folder.write("t.npz", bytes)
                do {
                    let read = try TypologyReader.read(path: path, prefix: "")
                    #expect(read.values(at: 0).count == read.features.count)
                } catch let error as FileError {
                    refused += 1
                    #expect(error.description.contains(folder.path))
                }
            }
        }
        #expect(refused > 1_000)
    }
}
