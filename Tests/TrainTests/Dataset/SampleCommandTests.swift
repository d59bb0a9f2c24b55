import Foundation
import Lexicon
import TestSupport
import Testing

@testable import Train

@Suite struct SampleCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let header = "lang1\tword1\tlang2\tword2\tsynset_id\n"

    /// Interleaved rows of each pair, numbered in the synset column.
    private func table(_ counts: [(pair: String, rows: Int)], name: String = "c.tsv") throws -> String {
        var left = counts
        var text = Self.header
        var number = 0
        while left.contains(where: { $0.rows > 0 }) {
            for place in left.indices where left[place].rows > 0 {
                left[place].rows -= 1
                let codes = left[place].pair.split(separator: "-")
                text += "\(codes[0])\tw\(number)\t\(codes[1])\tv\(number)\t\(number)\n"
                number += 1
            }
        }
        return try folder.write(name, text)
    }

    private func drawn(_ name: String) throws -> [(pair: String, number: Int)] {
        try folder.read(name).split(separator: "\n").dropFirst().map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return ([cells[0], cells[2]].sorted().joined(separator: "-"), try #require(Int(cells[8])))
        }
    }

    @Test func proportionsAreKeptToTheRow() throws {
        let path = try table([("de-en", 500), ("en-fr", 300), ("fr-fr", 199), ("fr-de", 1)])
        let command = try TrainProcess.run(["sample", path, "--out", "\(folder.path)/s.tsv", "--size", "101", "--json"])
        #expect(command.status == 0, "\(command.messages)")
        let rows = try drawn("s.tsv")
        // Shares 50.5, 30.3, 20.099 and 0.101: the row left over goes to the largest fraction.
        let counts = Dictionary(grouping: rows, by: \.pair).mapValues(\.count)
        #expect(counts == ["de-en": 51, "en-fr": 30, "fr-fr": 20])
        #expect(rows.map(\.number) == rows.map(\.number).sorted() && Set(rows.map(\.number)).count == 101)
        let found = try command.object
        #expect(found["pairs"] as? Int == 101 && found["without_row"] as? Int == 1)
    }

    @Test func theSameSeedGivesTheSameBytes() throws {
        let path = try table([("de-en", 400), ("en-en", 100)])
        for (name, seed) in [("a.tsv", "7"), ("b.tsv", "7"), ("c2.tsv", "8")] {
            let arguments = ["sample", path, "--out", "\(folder.path)/\(name)", "--size", "50", "--seed", seed]
            #expect(try TrainProcess.run(arguments).status == 0)
        }
        #expect(try folder.read("a.tsv") == folder.read("b.tsv"))
        #expect(try folder.read("a.tsv") != folder.read("c2.tsv"))
    }

    /// A pair's choice depends on its own rows alone, and every row has the same chance.
    @Test func everyRowHasTheSameChance() throws {
        var taken = [Int](repeating: 0, count: 10)
        let pair = LanguagePairCount(first: "de", second: "en", rows: 10)
        let path = try table([("de-en", 10)])
        for seed in 0..<2_000 {
            var sampler = PairSampler(plan: SamplePlan(quotas: [.init(pair: pair, taken: 3)]), seed: UInt64(seed))
            let reader = try Self.reader(path)
            var row = 0
            while let cells = try reader.nextCells() {
                let takes = sampler.takes(cells, languages: reader.languages)
                #expect(takes != nil)
                if takes == true { taken[row] += 1 }
                row += 1
            }
            #expect(sampler.isComplete)
        }
        #expect(taken.reduce(0, +) == 6_000)
        // 600 expected, standard deviation 20.5: five of them on either side.
        #expect(taken.allSatisfy { abs($0 - 600) < 103 })
    }

    @Test func everyPairOfTheLanguagesGetsTheSameNumber() throws {
        let path = try table([("de-de", 9), ("de-en", 30), ("en-en", 12), ("en-fr", 50), ("fr-fr", 5)])
        let arguments = ["sample", path, "--out", "\(folder.path)/s.tsv", "--per-pair", "9", "--languages", "eng,de"]
        #expect(try TrainProcess.run(arguments).status == 0)
        let rows = try drawn("s.tsv")
        #expect(Dictionary(grouping: rows, by: \.pair).mapValues(\.count) == ["de-de": 9, "de-en": 9, "en-en": 9])
    }

    @Test func pairsThatAreTooSmallAreRefusedOrCounted() throws {
        let path = try table([("de-de", 2), ("de-en", 30), ("en-en", 12)])
        let arguments = [
            "sample", path, "--out", "\(folder.path)/s.tsv", "--per-pair", "5", "--languages", "de,en,jv", "--json",
        ]
        let refused = try TrainProcess.run(arguments)
        #expect(refused.status == 1)
        #expect(
            refused.messages.contains(
                "4 language pairs have fewer than 5 constraints (de-de 2, de-jv 0, en-jv 0, jv-jv 0)"))
        #expect(!folder.holds("s.tsv"))
        let counted = try TrainProcess.run(arguments + ["--allow-short"])
        #expect(counted.status == 0)
        #expect(try counted.object["short"] as? [String] == ["de-de", "de-jv", "en-jv", "jv-jv"])
        #expect(try drawn("s.tsv").count == 12)
    }

    @Test func convertsBetweenTheLayouts() throws {
        let path = try folder.write("c.tsv", StatsCommandTests.table)
        #expect(try TrainProcess.run(["sample", path, "--out", "\(folder.path)/s.csv", "--size", "4"]).status == 0)
        #expect(
            try folder.read("s.csv").hasPrefix(
                "word1,word2,lang1,lang2,sent1,sent2,synsetID\nHaus,house,de,en,a dwelling,ein Bau,s:1\n"))
        let whole = try TrainProcess.run(["sample", path, "--out", "\(folder.path)/s.tsv", "--size", "4"])
        #expect(try whole.status == 0 && folder.read("s.tsv") == StatsCommandTests.table)
    }

    @Test func mistakesAreToldBeforeAnythingIsWritten() throws {
        let path = try table([("de-en", 3)])
        let out = "\(folder.path)/s.tsv"
        #expect(try TrainProcess.run(["sample", path, "--out", out]).status == 64)
        #expect(try TrainProcess.run(["sample", path, "--out", out, "--size", "0"]).status == 64)
        #expect(try TrainProcess.run(["sample", path, "--out", out, "--size", "2", "--per-pair", "2"]).status == 64)
        #expect(
            try TrainProcess.run(["sample", path, "--out", path, "--size", "2"]).messages.contains("the same file"))
        let many = try TrainProcess.run(["sample", path, "--out", out, "--size", "4"])
        #expect(many.status == 65 && many.messages.contains("a sample of 4 rows was asked for, the table has 3"))
        let absent = try TrainProcess.run(["sample", path, "--out", out, "--size", "1", "--languages", "en,fi"])
        #expect(absent.status == 65)
        #expect(absent.messages.contains("no constraint in the language fi; the table has de en"))
        #expect(try folder.names == ["c.tsv"])
        let pipe = "\(folder.path)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let twice = try TrainProcess.run(["sample", pipe, "--out", out, "--size", "1"])
        #expect(twice.status == 66 && twice.messages.contains("read twice"))
    }

    @Test func largestRemaindersAreExact() {
        let pair = { (name: String, rows: Int) in LanguagePairCount(first: name, second: name, rows: rows) }
        let taken = { (size: Int, rows: [Int]) in
            SamplePlan.proportional(size: size, pairs: rows.enumerated().map { pair("a\($0)", $1) }).quotas.map(\.taken)
        }
        #expect(taken(2, [1, 1, 1]) == [1, 1, 0])
        #expect(taken(10, [3, 3, 4]) == [3, 3, 4])
        #expect(taken(1, [1, 5]) == [0, 1])
        // Products beyond 64 bits.
        #expect(taken(6_000_000_000, [4_000_000_000, 2_000_000_000]) == [4_000_000_000, 2_000_000_000])
        for size in 1...20 { #expect(taken(size, [7, 0, 2, 11]).reduce(0, +) == size) }
    }
}

extension SampleCommandTests {
    fileprivate static func reader(_ path: String) throws -> ConstraintReader { try ConstraintReader(path: path) }
}
