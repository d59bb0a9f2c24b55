import Foundation
import Lexicon
import TestSupport
import Testing

@testable import Train

@Suite struct DiversityCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Sums of a few hundred logarithms: far below the digits anybody prints.
    private static let tolerance = 1e-12

    private func typology() throws -> String {
        try folder.write("t.csv", "lang,S_A,S_B,S_C,S_D\nen,1,0,1,0\nde,1,1,0,0\nfi,0,1,1,0\nhu,1,1,1,0\n")
    }

    private func samples(_ command: TrainProcess.Outcome) throws -> [[String: Any]] {
        try #require(command.object["samples"] as? [[String: Any]])
    }

    @Test func measuresByHand() throws {
        let path = try typology()
        let command = try TrainProcess.run([
            "diversity", "--typology", path, "--sample", "en,de,fi", "eng,hun", "--test", "hu", "--json",
        ])
        #expect(command.status == 0, "\(command.messages)")
        let found = try samples(command)
        // Three features are split 2 to 1, one is shared: 3/4 of -(1/3 ln 1/3 + 2/3 ln 2/3).
        let third = -(log(1.0 / 3) / 3 + log(2.0 / 3) * 2 / 3)
        #expect(abs(try #require(found[0]["d_typ"] as? Double) - 0.75 * third) < Self.tolerance)
        #expect(abs(try #require(found[0]["similarity"] as? Double) - 2 / 6.0.squareRoot()) < Self.tolerance)
        // One of four features differs.
        #expect(abs(try #require(found[1]["d_typ"] as? Double) - log(2.0) / 4) < Self.tolerance)
        #expect(found[1]["languages"] as? [String] == ["en", "hu"])
        let text = try TrainProcess.run(["diversity", "--typology", path, "--sample", "en,de,fi", "--test", "hu"])
            .output
        #expect(text.contains("en de fi         0.4774      0.8165\n"))
    }

    @Test func readsSamplesFromAFile() throws {
        let file = try folder.write("samples.txt", "# two\nen de\n\nfi, hu\n")
        let path = try typology()
        let found = try samples(
            TrainProcess.run(["diversity", "--typology", path, "--sample-file", file, "--test", "hu", "--json"]))
        #expect(found.map { $0["languages"] as? [String] } == [["en", "de"], ["fi", "hu"]])
        try folder.write("samples.txt", "en de\nen eng\n")
        let repeated = try TrainProcess.run(["diversity", "--typology", path, "--sample-file", file, "--test", "hu"])
        #expect(repeated.status == 65 && repeated.messages.contains("line 2: expected language codes, each once"))
    }

    @Test func drawsOneSampleOfEachBin() throws {
        let codes = ["af", "ar", "az", "bn", "de", "el", "en", "es"]
        var random = SeededRandom(seed: 5)
        var text = "lang," + (0..<12).map { "S_\($0)" }.joined(separator: ",") + "\n"
        for code in codes + ["hu"] { text += code + (0..<12).map { _ in ",\(random.below(2))" }.joined() + "\n" }
        let path = try folder.write("t.csv", text)
        let arguments = [
            "diversity", "--typology", path, "--from", codes.joined(separator: ","), "--test", "hu", "--size", "3",
            "--draws", "400", "--bins", "3", "--json",
        ]
        let command = try TrainProcess.run(arguments)
        let rows = try samples(command)
        #expect(rows.count == 3 && rows.compactMap { $0["draws"] as? Int }.reduce(0, +) == 400)
        let values = rows.compactMap { $0["d_typ"] as? Double }
        #expect(values == values.sorted())
        for row in rows {
            let (value, from, to) = (row["d_typ"] as? Double, row["from"] as? Double, row["to"] as? Double)
            // Bounds are sums of widths: a value on a bound may lie on either side of its last digit.
            #expect(try #require(value) > #require(from) - Self.tolerance)
            #expect(try #require(value) < #require(to) + Self.tolerance)
            let languages = try #require(row["languages"] as? [String])
            #expect(Set(languages).count == 3 && Set(languages).isSubset(of: codes))
            // Measured alone, the sample has the value it was drawn with.
            let alone = try samples(
                TrainProcess.run([
                    "diversity", "--typology", path, "--sample", languages.joined(separator: ","), "--test", "hu",
                    "--json",
                ]))
            #expect(abs(try #require(alone[0]["d_typ"] as? Double) - #require(value)) < Self.tolerance)
        }
        #expect(try TrainProcess.run(arguments).output == command.output)
        #expect(try TrainProcess.run(arguments + ["--seed", "1"]).output != command.output)
        let excluded = try TrainProcess.run(arguments + ["--without", "af,ar,az,bn,de,el"])
        #expect(excluded.status == 64 && excluded.messages.contains("only 2 languages are left"))
    }

    @Test func binsWithoutASampleAreReported() throws {
        let path = try typology()
        let arguments = [
            "diversity", "--typology", path, "--from", "en,de,fi", "--test", "hu", "--size", "2", "--draws", "50",
        ]
        let command = try TrainProcess.run(arguments)
        #expect(command.status == 1 && command.messages.contains("only 1 of 10 bins hold a sample"))
        #expect(try TrainProcess.run(arguments + ["--bins", "0"]).status == 64)
    }

    @Test func unknownLanguagesAndGapsAreErrors() throws {
        let path = try folder.write("t.csv", "lang,S_A,S_B\nen,1,--\nhu,0,1\n")
        let unknown = try TrainProcess.run(["diversity", "--typology", path, "--sample", "hu,wo", "--test", "hu"])
        #expect(unknown.status == 65 && unknown.messages.contains("no vector for the language 'wo'"))
        let gap = try TrainProcess.run(["diversity", "--typology", path, "--sample", "hu,en", "--test", "hu"])
        #expect(gap.status == 65 && gap.messages.contains("the vector of 'en' has no value for S_B"))
    }

    /// The d_typ and similarity columns of the paper's Table 2, to the printed digits.
    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
    func reproducesTable2() throws {
        let check = try String(contentsOfFile: SharedData.path("typology/table2.csv"), encoding: .utf8)
        let rows = check.split(separator: "\n").dropFirst().map { $0.split(separator: ",").map(String.init) }
        let file = try folder.write("samples.txt", rows.map { $0[0] + "\n" }.joined())
        let command = try TrainProcess.run([
            "diversity", "--typology", SharedData.path("typology/syntax_knn.csv"), "--sample-file", file, "--json",
        ])
        let found = try samples(command)
        #expect(found.count == 10 && rows.count == 10)
        for (row, sample) in zip(rows, found) {
            #expect((sample["languages"] as? [String])?.joined(separator: " ") == row[0])
            for (key, printed) in [("d_typ", row[1]), ("similarity", row[4])] {
                let value = try #require(sample[key] as? Double)
                let expected = try #require(Double(printed))
                #expect((value * 10_000).rounded() == (expected * 10_000).rounded(), "\(row[0]) \(key)")
            }
        }
    }
}
