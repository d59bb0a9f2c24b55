import Console
import Foundation
import TestSupport
import Testing

/// Every command that shows a table, on a terminal of 80 columns: names of 31 characters, twelve layers, words that are
/// nearly as wide as the terminal.
@Suite struct TerminalWidthTests {
    private let folder = try! TemporaryFolder()
    private let first = "multilingual-e5-large-babel-s42", second = "xlm-roberta-large-babelbert-b64"

    /// English, Finnish, German; the last eight are mined, the others are asked for.
    private static let concepts = [
        ["dog", "koira", "hund"], ["cat", "kissa", "katze"], ["house", "talo", "haus"], ["blue", "sininen", "blau"],
        ["river", "joki", "fluss"], ["bird", "lintu", "vogel"], ["light", "valo", "licht"],
        ["water", "vesi", "wasser"],
        ["bread", "leipa", "brot"], ["stone", "kivi", "stein"], ["tree", "puu", "baum"], ["night", "yo", "nacht"],
        [
            "mechanic", "lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerioppilas",
            "rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz",
        ],
        ["car", "auto", "wagen"], ["horse", "hevonen", "pferd"], ["snow", "lumi", "schnee"],
    ]
    private static let languages = ["en", "fi", "de"]
    private static let asked = concepts.prefix(8)

    init() throws {
        for (name, seed) in [("m1", 1), ("m2", 2)] {
            try TinyCheckpoint(layerCount: 12, hiddenSize: 8, intermediateSize: 16, seed: UInt64(seed)).write(
                to: "\(folder.path)/\(name)")
        }
        for (place, language) in Self.languages.enumerated() {
            try folder.write("words/\(language).txt", Self.concepts.map { $0[place] + "\n" }.joined())
        }
        for (from, to) in [(0, 1), (0, 2), (2, 1)] {
            let rows = Self.asked.map { "\($0[from])\t\($0[to])\n" }.joined()
            try folder.write("dictionaries/\(Self.languages[from])-\(Self.languages[to]).test.tsv", rows)
        }
        try folder.write("train.tsv", Self.asked.map { "\($0[0])\t\($0[1])\n" }.joined())
        for (code, place) in [("fin", 1), ("deu", 2)] {
            for (end, own) in [("eng", 0), (code, place)] {
                try folder.write(
                    "sentences/tatoeba.\(code)-eng.\(end)",
                    Self.asked.map { "\($0[own]) and \($0[own])\n" }.joined())
            }
            let rows = Self.asked.enumerated().map { "\($0),\($1[0]),\($1[place]),nouns,\(($0 * 5) % 7)\n" }
            try folder.write(
                "pairs/ENG-\(code.uppercased()).csv", "ID,ENG,\(code.uppercased()),PoS,score\n" + rows.joined())
        }
        let gloss = String(repeating: "a gloss of more columns than a terminal has, ", count: 3)
        let synsets = Self.concepts.dropFirst(8).enumerated().map { number, words in
            let lemmas = zip(Self.languages, words).map { #"{"lang":"\#($0)","lemma":"\#($1)"}"# }.joined(
                separator: ",")
            return #"{"id":"s:\#(number)","pos":"n","named_entity":false,"lemmas":[\#(lemmas)],"#
                + #""glosses":[{"lang":"en","gloss":"\#(gloss)"},{"lang":"de","gloss":"etwas"}]}"# + "\n"
        }
        try folder.write("synsets.jsonl", synsets.joined())
        let codes = ["en", "fi", "de", "fr", "it", "ru", "tr", "hr", "es", "pt", "nl", "pl", "sv", "hu"]
        try folder.write(
            "typology.csv",
            "lang,S_A,S_B,S_C\n" + codes.enumerated().map { "\($1),\($0 % 2),\($0 / 2 % 2),\($0 / 4 % 2)\n" }.joined())
        try folder.write(
            "night.yaml",
            """
            store: nights
            checkpoints:
              \(first): m1
              \(second): m2
            texts:
              vocabularies: words
            evaluations:
              bli:
                - dictionaries: dictionaries
                  layers: 0,12
            compare:
              baseline: \(first)

            """)
    }

    /// Standard output alone is the terminal: messages are prose, which terminals wrap.
    private func run(_ program: ProgramProcess.Type, _ line: String, isTerminal: Bool = true) throws -> String {
        let arguments = line.split(separator: " ").map(String.init)
        let shell =
            isTerminal
            ? #"printf -v command '%q ' "$@"; exec script -qec "stty cols 80; $command 2>>errors.txt" /dev/null"#
            : #"exec "$@" 2>>errors.txt"#
        let outcome = try program.run(
            arguments, environment: ["TERM": "xterm", "NO_COLOR": nil], shell: "cd '\(folder.path)'; " + shell)
        try #require(outcome.status == 0, "\(line): \((try? folder.read("errors.txt")) ?? "")\(outcome.output)")
        return outcome.output.replacingOccurrences(of: "\r", with: "")
    }

    private func expectNarrow(_ program: ProgramProcess.Type, _ lines: String) throws {
        for line in lines.split(separator: "\n").map(String.init) {
            let output = try run(program, line)
            #expect(!output.isEmpty, "\(line)")
            for row in output.split(separator: "\n") {
                let shown = String(row.replacing(/\u{1B}\[[0-9;]*m/, with: ""))
                #expect(DisplayWidth.of(shown) <= 80, "\(program.program) \(line): \(shown)")
            }
        }
    }

    @Test("indexer and query: no line is wider than the terminal")
    func storeAndQuestions() throws {
        let checkpoints = "--checkpoint \(first)=m1 --checkpoint \(second)=m2"
        let texts = "--vocabularies words --sentences sentences"
        try expectNarrow(
            IndexerProcess.self,
            """
            build --dry-run --store store \(checkpoints) \(texts)
            build --store store \(checkpoints) \(texts)
            build --store store \(checkpoints) \(texts)
            list --store store
            verify --store store
            snapshot --store store --out snapshot
            plan --out plan --shards 2 \(checkpoints) \(texts)
            build --plan plan --shard 0 --scratch scratch
            build --plan plan --shard 1 --scratch scratch
            merge --plan plan --store merged
            export --store merged --checkpoint \(first) --collection words/fi --layer 1,2 --out x.{layer}.npy
            remove --store merged --checkpoint \(first) --collection words/fi
            gc --store merged
            """)
        try expectNarrow(
            QueryProcess.self,
            """
            bli --dictionaries dictionaries --store store --quiet
            bli --dictionaries dictionaries --store store --quiet --layers 0,11,12 --details --scoring csls
            bli --dictionaries dictionaries --store store --quiet --layers 0,11,12 --select-on other-pairs
            xlsim --pairs pairs --store store --quiet --details
            tatoeba --store store --quiet --layers 0,11,12 --select-on half
            bli --dictionaries dictionaries --store store --quiet --layers 3,4 --shard 0/1 --results results.bin
            merge results.bin --store store
            leaderboard --store store
            leaderboard --store store --select-on half
            results --tasks xlsim --store store
            errors --dictionaries dictionaries --store store
            compare \(first) \(second) --store store
            hubs --from en,de --to fi --store store
            hubs --from en --to fi --layers 3 --checkpoint \(first) --store store
            translate dog mechanic unknownword --to fi,de --checkpoint \(first) --checkpoint \(second) --store store
            translate dog --to fi --checkpoint \(first) --doubt all --store store
            explain mechanic --to fi --gold koira --store store
            explain unknownword --to fi --gold koira --from en --checkpoint \(first) --store store
            induce --from en --to fi --checkpoint \(first) --out pairs.tsv --store store
            report --out report.html --store store
            """)
        try expectNarrow(IndexerProcess.self, "nightly night.yaml")
        // A file gets the lines whole.
        let whole = try run(QueryProcess.self, "explain mechanic --to fi --gold koira --store store", isTerminal: false)
        #expect(whole.split(separator: "\n").contains { DisplayWidth.of(String($0)) > 120 })
    }

    @Test("train: no line is wider than the terminal")
    func tables() throws {
        let training =
            "--model m1 --constraints constraints.tsv --validation en-fi=train.tsv --vocabularies words --max-steps 2 "
            + "--threads 1 --validate-every 1steps"
        try expectNarrow(
            TrainProcess.self,
            """
            mine --synsets synsets.jsonl --frequencies words --out constraints.tsv --languages en,fi,de
            stats constraints.tsv --examples 2
            sample constraints.tsv --out sample.tsv --size 5
            diversity --typology typology.csv --test en --sample en,fi,de,fr,it,ru,tr,hr,es,pt,nl,pl,sv,hu
            specialize \(training) --out one --batch-size 4
            search \(training) --out grid --batch-sizes 4 --learning-rates 1e-3,1e-4
            interpolate --model one --model m1 --out half
            """)
    }
}
