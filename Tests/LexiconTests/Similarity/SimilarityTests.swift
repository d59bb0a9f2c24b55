import Diagnostics
import TestSupport
import Testing

@testable import Lexicon

@Suite struct SimilarityTests {
    let folder = try! TemporaryFolder(inMemory: true)
    let header = "ID,ENG,EST,PoS,score\n"

    private func read(_ body: String, name: String = "ENG-EST.csv") throws -> SimilarityPairs {
        try SimilarityReader.read(path: folder.write(name, header + body))
    }

    @Test func readsPairsAndScores() throws {
        let pairs = try read(
            """
            1,null,abikaasa (naine),nouns,3.11
            2, go , to  leave,verbs,0.0
            3,o'clock,kell,nouns,nan
            4,a,b,nouns,6
            5,a,b,nouns,NaN

            """)
        #expect(pairs.name == "ENG-EST")
        #expect((pairs.firstLanguage, pairs.secondLanguage) == ("ENG", "EST"))
        #expect(pairs.first.rows == bytes(["null", "go", "a"]))
        #expect(pairs.second.rows == bytes(["abikaasa (naine)", "to  leave", "b"]))
        #expect(pairs.scores == [3.11, 0, 6])
        #expect(pairs.omitted == 2)
        #expect(pairs.trimmedCells == 2)
        let compressed = try SimilarityReader.read(path: folder.write("ENG-EST.csv.gz", gzip(header + "4,a,b,nouns,6")))
        #expect(compressed.scores == [6])
        #expect(compressed.fingerprint != pairs.fingerprint)
    }

    @Test func quotedCellsFollowRFC4180() throws {
        let pairs = try read("1,\"a, b\",\"say \"\"so\"\"\",nouns,1\n2,\"two\nlines\",x\"y,nouns,\"2.5\"\n")
        #expect(pairs.first.rows == bytes(["a, b", "two\nlines"]))
        #expect(pairs.second.rows == bytes(["say \"so\"", "x\"y"]))
        #expect(pairs.scores == [1, 2.5])
    }

    @Test(arguments: [
        ("1,a,b,nouns,1\n2,a,b,nouns\n", 3), ("1,a,b,nouns,1,x\n", 2), ("1,a,,nouns,1\n", 2), ("1, ,b,nouns,1\n", 2),
        ("1,a,b,nouns,\n", 2), ("1,a,b,nouns,1.2.3\n", 2), ("1,a,b,nouns,0x10\n", 2), ("1,a,b,nouns,inf\n", 2),
        ("1,a,b,nouns,1e999\n", 2), ("1,\"a\"b,c,nouns,1\n", 2), ("1,a,b,nouns,1\n2,\"a,b,nouns,1\n3,a,b,nouns,1\n", 3),
        ("\n", 2),
    ])
    func malformedRowsNameTheirLine(body: String, line: Int) throws {
        let error = #expect(throws: LexiconError.self) { try read(body) }
        guard case .malformedLine(_, line, _, _, _) = error else {
            Issue.record("\(body): \(String(describing: error))")
            return
        }
        #expect(error?.exitStatus == .badInput)
    }

    @Test func theHeaderMustBeThereAndAgreeWithTheName() throws {
        #expect(throws: LexiconError.self) { try read("1,a,b,nouns,1\n", name: "ENG-FIN.csv") }
        #expect(try read("1,a,b,nouns,1\n", name: "mine.csv").count == 1)
        for text in ["", "1,a,b,nouns,3\n", "ID,ENG,EST,score\n", "ID,English,EST,PoS,score\n"] {
            #expect(throws: LexiconError.self) { try SimilarityReader.read(path: folder.write("mine.csv", text)) }
        }
        #expect(throws: LexiconError.self) { try read("") }
        #expect(throws: LexiconError.self) { try read("1,a,b,nouns,nan\n") }
    }

    @Test func listsByName() throws {
        for name in ["FIN-FRA.csv", "CMN-ENG.csv.gz", "notes.csv", "x.txt"] { try folder.write(name, "x") }
        #expect(
            try SimilarityReader.list(folder.path)
                == [folder.path + "/CMN-ENG.csv.gz", folder.path + "/FIN-FRA.csv"])
        try folder.write("FIN-FRA.csv.gz", "x")
        #expect(throws: LexiconError.self) { try SimilarityReader.list(folder.path) }
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
    func readsMultiSimLex() throws {
        var rows = 0
        var omitted = 0
        for path in try SimilarityReader.list(SharedData.path("xlsim")) {
            let pairs = try SimilarityReader.read(path: path)
            #expect(pairs.scores.allSatisfy { (0...6).contains($0) }, "\(path)")
            rows += pairs.count + pairs.omitted
            omitted += pairs.omitted
            #expect(
                [pairs.firstLanguage, pairs.secondLanguage].contains { ["FIN", "FRA"].contains($0) }
                    || pairs.omitted == 0)
        }
        #expect(try SimilarityReader.list(SharedData.path("xlsim")).count == 58)
        #expect(rows == expectedRows)
        #expect(omitted == expectedOmitted)
    }

    /// `tail -q -n +2 *.csv | wc -l` and `cat *.csv | grep -c ',nan$'` in that folder.
    let expectedRows = 174_540
    let expectedOmitted = 40
}
