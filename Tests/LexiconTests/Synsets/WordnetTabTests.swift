import Files
import TestSupport
import Testing

@testable import Lexicon

@Suite struct WordnetTabTests {
    private let folder = try! TemporaryFolder(inMemory: true)

    @Test func joinsFilesOfBothKindsByTheirSynset() throws {
        let french = try folder.write(
            "wn-data-fra.tab",
            "# WOLF\tfra\thttp://x\tCeCILL\n02084071-n\tfra:lemma\tchien\n02084071-n\tfra:def\t0\tun animal\n"
                + "02084071-n\tfra:exe\t0\tle chien\n00001740-s\tfra:lemma\tcapable\n")
        let old = try folder.write(
            "wn-data-tha.tab",
            "# Thai\ttha\thttp://x\tfree\n02084071-n\tlemma\tสุนัข\n02084071-n\tlemma:root\tx\n# end\n"
        )
        let wiktionary = try folder.write(
            "wn-wikt-cmn.tab.gz", gzip("00001740-a\tcmn:lemma\t能\n02084071-n\teng:def\t1\tan animal\n"))
        let (synsets, faults) = try readAll(WordnetTabReader(paths: [french, old, wiktionary]))
        #expect(faults.isEmpty)
        #expect(
            synsets == [
                Synset(
                    id: "omw:00001740-a", partOfSpeech: "a",
                    lemmas: [
                        .init(language: "fra", text: "capable", source: "wn"),
                        .init(language: "cmn", text: "能", source: "wikt"),
                    ]),
                Synset(
                    id: "omw:02084071-n", partOfSpeech: "n",
                    lemmas: [
                        .init(language: "fra", text: "chien", source: "wn"),
                        .init(language: "tha", text: "สุนัข", source: "wn"),
                    ],
                    glosses: [.init(language: "fra", text: "un animal"), .init(language: "eng", text: "an animal")]),
            ])
    }

    @Test func badRowsAreSkippedWithTheirLine() throws {
        let path = try folder.write(
            "words.tab",
            Array(
                "00001740-a\tfra:lemma\tun\n00001740-a\tfra:lemma\n1740-a\tfra:lemma\tx\n00001740-a\tlemma\tx\n\n".utf8)
                + [0xff, 0x0a] + Array("00001740-a\tfra:lemma\tdeux".utf8))
        let (synsets, faults) = try readAll(WordnetTabReader(paths: [path]))
        #expect(synsets.map { $0.lemmas.map(\.text) } == [["un", "deux"]])
        #expect(faults.count == 4)
        for (fault, words) in zip(
            faults,
            [
                "line 2: expected a synset, a kind", "line 3: expected a synset such as",
                "line 4: expected a language before", "line 6",
            ])
        {
            #expect(fault.contains(words), "\(fault)")
        }
    }

    /// Folders are walked; what is of another kind in them is passed over.
    @Test func aFolderIsReadWithTheFoldersInIt() throws {
        for (name, text) in [
            ("wns/fra/wn-data-fra.tab", "# W\tfra\tu\tl\n00001740-a\tfra:lemma\tun\n"), ("wns/fra/LICENSE", "x\n"),
            ("wns/ita/wn-data-ita.tab", "00001740-a\tlemma\tuno\n"), ("more.jsonl", "{\"id\":\"z\",\"lemmas\":[]}\n"),
            ("oewn.xml", "<LexicalResource><Lexicon id='e' language='en'><Synset id='y'/></Lexicon></LexicalResource>"),
        ] {
            try folder.write(name, text)
        }
        let (synsets, faults) = try readAll(try SynsetFiles.open([folder.path]))
        #expect(faults.isEmpty)
        #expect(synsets.map(\.id) == ["z", "y", "omw:00001740-a"])
        #expect(synsets.last?.lemmas.map(\.language) == ["fra", "ita"])
        try folder.write("empty/notes.txt", "")
        #expect(throws: LexiconError.self) { try SynsetFiles.open(["\(folder.path)/empty"]) }
        #expect(throws: FileError.self) { try SynsetFiles.open(["\(folder.path)/nowhere"]) }
    }

    @Test func damagedFilesParseOrThrow() throws {
        let text =
            "# WOLF\tfra\thttp://x\tCeCILL\n02084071-n\tfra:lemma\tchien\n02084071-n\tfra:def\t0\tun été\n"
            + "00001740-s\tlemma\tx\n"
        let whole = Array(text.utf8)
        var generator = SeededGenerator(state: 12)
        var faulty = 0
        for round in 0..<2_000 {
            let bytes = generator.damaged(whole, round: round)
            let (synsets, faults) = try readAll(WordnetTabReader(paths: [try folder.write("wn-data-fra.tab", bytes)]))
            #expect(synsets.count <= 4)
            if !faults.isEmpty { faulty += 1 }
        }
        #expect(faulty > 200 && faulty < 1_900, "\(faulty) faulty")
    }
}
