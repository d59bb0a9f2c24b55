import Diagnostics
import Files
import TestSupport
import Testing

@testable import Lexicon

/// Files as people have them: names, layouts and packings of published sets. docs/inputs.md lists them.
@Suite struct RealFilesTests {
    let folder = try! TemporaryFolder()

    // MARK: Vocabularies

    @Test(
        "names of published vocabularies",
        arguments: [
            ("wiki.de.align.vec", "de"), ("wiki.multi.fi.vec", "fi"), ("vectors-fr.txt", "fr"), ("en_50k.txt", "en"),
            ("zh_cn_50k.txt", "zh_cn"),
            ("en_full.txt", "en"), ("en.vec.zip", "en"), ("en.txt.bz2", "en"), ("cc.sw.300.vec.gz", "sw"),
            ("wiki.en.zip", "en"),
            ("wiki.zh_classical.vec", "zh_classical"), ("fi_vocab.txt.xz", "fi"), ("vectors-pt-BR.txt", "pt-BR"),
        ])
    func vocabularyNames(_ name: String, _ language: String) {
        #expect(VocabularyFolder.language(ofFile: name) == language)
    }

    @Test(arguments: [
        "wiki.align.vec", "vectors-.txt", "en_50x.txt.doc", "wiki.en.bin", "EN.txt", "wiki.de.align", "en-de_50k.txt",
    ])
    func otherNames(_ name: String) { #expect(VocabularyFolder.language(ofFile: name) == nil) }

    @Test func countsBesideWordsAreRecognised() throws {
        let list = try folder.write("en_50k.txt", "you 28787591\ni 27086011\nthe 22761659\n's 100\nthe 100\n")
        let vocabulary = try VocabularyReader.read(path: list, language: "en")
        #expect(vocabulary.words.rows == bytes(["you", "i", "the", "'s"]))
        #expect(vocabulary.ranks == [1, 2, 3, 4] && vocabulary.duplicates == 1)
        let tabs = try folder.write("b.txt", "New York\t12\nthe\t3\n")
        #expect(try VocabularyReader.read(path: tabs, language: "en").words.rows == bytes(["New York", "the"]))
        #expect(try VocabularyReader.read(path: list, language: "en", top: 2).words.rows == bytes(["you", "i"]))
    }

    @Test(
        "a list whose entries end in numbers is no list of counts",
        arguments: [
            "area 51\n", "top 10\nroute 66\n", "a 3\nb\n", "a 3\nb 2 1\n", "a 3\n\nb 1\n", "a\nb\n", "3\n2\n",
            "a b 2\nc d 1\n",
        ])
    func noCounts(_ text: String) throws {
        let read = try VocabularyReader.read(path: folder.write("en.txt", text), language: "en")
        let expected = text.split(separator: "\n").map(String.init)
        #expect(read.words.rows == bytes(expected))
    }

    @Test func aRowThatIsNoCountIsAnErrorOrLeftOut() throws {
        // Beyond the lines that tell the layout.
        let text = (1...1000).map { "w\($0) 5\n" }.joined() + "bad\nlast 4\n"
        let path = try folder.write("en.txt", text)
        #expect(throws: LexiconError.self) { try VocabularyReader.read(path: path, language: "en") }
        let read = try VocabularyReader.read(path: path, language: "en", skippingBadLines: true)
        #expect(read.words.count == 1001 && read.badLines == 1 && read.ranks.last == 1002)
    }

    @Test(
        "vectors are recognised under a list's name",
        arguments: [
            ("vectors-fr.txt", "3 2\nle 0.1 0.2\nla 1 2\nde -1 0\n"), ("glove.txt", "le 0.1 0.2\nla 0.3 0.4\nde 1 2\n"),
            ("glove1.txt", "le 1 2 3 4 5 6 7 8\n"), ("x.txt", "le 0.5 0.25 1e-3 0\nla 1 2 3 4\n"),
        ])
    func vectorsUnderOtherNames(_ name: String, _ text: String) throws {
        let read = try VocabularyReader.read(path: folder.write(name, text), language: "fr")
        #expect(read.words.rows == bytes(Array(["le", "la", "de"].prefix(read.words.count))))
        #expect(read.ranks.first == 1)
    }

    @Test func aPromisedCountIsCheckedUnderAListsNameToo() throws {
        let path = try folder.write("vectors-fr.txt", "5 2\nle 0.1 0.2\nla 1 2\n")
        #expect(throws: LexiconError.rowCount(path: path, expected: 5, found: 2)) {
            try VocabularyReader.read(path: path, language: "fr")
        }
    }

    @Test func spacesAtTheEndsOfEntriesAreNoPartOfThem() throws {
        let read = try VocabularyReader.read(
            path: folder.write("en.txt", "the \n\thouse\n\u{a0}\n \na b\n"), language: "en")
        #expect(
            read.words.rows == bytes(["the", "house", "\u{a0}", "a b"]) && read.emptyEntries == 1
                && read.ranks.last == 5)
    }

    @Test func word2vecsBinaryFormatIsNamed() throws {
        let path = try folder.write("google.bin", Array("2 3\nin ".utf8) + [0x00, 0x00, 0xc0, 0x3f, 0xff, 0x0a])
        let error = #expect(throws: LexiconError.self) { try VocabularyReader.read(path: path, language: "en") }
        #expect(error?.description.contains("word2vec's binary format") == true)
    }

    @Test func badLinesAreLeftOutWhenAsked() throws {
        let list = try folder.write(
            "de.txt", Array("das\nM\u{e4}dchen\n".utf8) + [0x4d, 0xe4, 0x64, 0x0a] + Array("Haus\n".utf8))
        let error = #expect(throws: FileError.self) { try VocabularyReader.read(path: list, language: "de") }
        #expect(
            error?.description.contains("line 3") == true && error?.description.contains("--skip-bad-lines") == true)
        let read = try VocabularyReader.read(path: list, language: "de", skippingBadLines: true)
        #expect(
            read.words.rows == bytes(["das", "M\u{e4}dchen", "Haus"]) && read.ranks == [1, 2, 4] && read.badLines == 1)
        let vectors = try folder.write(
            "de.vec", Array("3 2\na 1 2\n".utf8) + [0xff, 0x20, 0x31, 0x20, 0x32, 0x0a] + Array("b 1 2\n".utf8))
        #expect(throws: FileError.self) { try VocabularyReader.read(path: vectors, language: "de") }
        #expect(try VocabularyReader.read(path: vectors, language: "de", skippingBadLines: true).ranks == [1, 3])
    }

    // MARK: Dictionaries

    @Test func museDownloadsThreeFilesForAPair() throws {
        for name in ["en-de.txt", "en-de.0-5000.txt", "en-de.5000-6500.txt", "de-en.txt"] {
            try folder.write(name, "a b\n")
        }
        let listing = try DictionaryFolder(folder.path)
        #expect(listing.files.map { InputFileName.last($0.path) } == ["de-en.txt", "en-de.5000-6500.txt"])
        #expect(listing.ignored.sorted() == ["en-de.0-5000.txt", "en-de.txt"])
        let training = try DictionaryFolder(folder.path, includingTraining: true)
        #expect(training.files.map(\.isTraining) == [false, false, true])
        let all = ["en-de.txt", "en-de.0-5000.txt", "en-de.5000-6500.txt", "x/en-de.txt"].map { folder.path + "/" + $0 }
        let (files, others) = DictionaryFolder.testFiles(among: all)
        #expect(files.map(\.path) == [all[2], all[3]] && others == [all[0], all[1]])
        // Without the test range the full file would be scored on training pairs.
        let other = try TemporaryFolder()
        for name in ["en-de.txt", "en-de.0-5000.txt"] { try other.write(name, "a b\n") }
        #expect(throws: LexiconError.self) { try DictionaryFolder(other.path) }
    }

    @Test(
        "white space at the ends of cells is no part of a word",
        arguments: [
            ("en-de.tsv", "house \thaus\n"), ("en-de.txt", "house \t haus\n"), ("en-de.txt", "  house   haus \n"),
            ("en-de.tsv", "house haus\n"),
            ("en-de.tsv", "house\thaus\t\n"), ("en-de.txt", "house\u{a0}\t\u{3000}haus\n"),
            ("en-de.txt", "house\u{3000}haus\n"),
            ("en-de.csv.tsv", "house\thaus \r\n"),
        ])
    func trimmedCells(_ name: String, _ text: String) throws {
        let read = try DictionaryReader.read(path: folder.write(name, text), sourceLanguage: "en", targetLanguage: "de")
        #expect(read.source.rows == bytes(["house"]) && read.target.rows == bytes(["haus"]) && read.leftOut == 0)
    }

    @Test func rowsThatAreNotTwoWordsAreLeftOut() throws {
        let text = Array("house haus\n\nice cream eis\ncat katze\nalone\na\t\n".utf8) + [0xff, 0x20, 0x61, 0x0a, 0x0a]
        let path = try folder.write("en-de.txt", text)
        let read = try DictionaryReader.read(path: path)
        #expect(read.source.rows == bytes(["house", "cat"]) && read.leftOut == 6)
        let error = #expect(throws: LexiconError.self) { try DictionaryReader.read(path: path, isStrict: true) }
        guard case .malformedLine(path, 2, _, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: ["en-de=x/y.tsv", "deu-eng=a=b"])
    func pairsAreNamedBeforeTheFile(_ argument: String) throws {
        let (pair, path) = DictionaryFolder.named(argument)
        #expect(pair != nil && argument.hasSuffix("=" + path))
        #expect(DictionaryFolder.named("x/y=z.tsv").pair == nil)
    }

    // MARK: Sentences

    @Test func lengthsComeBeforeBlankLines() throws {
        let first = try folder.write("a", "1\n2\n3\n\n")
        let second = try folder.write("b", "1\n2\n")
        #expect(throws: LexiconError.lineCounts(first: first, firstLines: 4, second: second, secondLines: 2)) {
            try SentenceSetReader.read(
                first: first, second: second, name: "x", firstLanguage: "fra", secondLanguage: "eng")
        }
    }

    // MARK: Wordnets

    @Test(
        "adjective markers and white space are no part of a lemma",
        arguments: [
            ("large(p)", "large"), ("galore(ip)", "galore"), ("complete (a)", "complete"), (" house\u{a0}", "house"),
            ("(p)", "(p)"),
            ("f(x)", "f(x)"), ("Käse", "Käse"), ("", ""), ("  ", ""), ("a(p)(a)", "a(p)"),
        ])
    func lemmas(_ written: String, _ word: String) { #expect(WordnetLemma.cleaned(written) == word) }

    private static let lmf = """
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE LexicalResource SYSTEM "http://globalwordnet.github.io/schemas/WN-LMF-1.0.dtd">
        <LexicalResource><Lexicon id="own-en" language="en" label="x" version="1">
        <LexicalEntry id="e1"><Lemma writtenForm="house (p) " partOfSpeech="n"/><Sense id="s1" synset="own-1"/></LexicalEntry>
        <Synset id="own-1" ili="i1" partOfSpeech="n"><Definition>a dwelling</Definition></Synset>
        </Lexicon></LexicalResource>
        """
    private static let tab = "# x\tfra\thttp://x\tCC\n02084071-n\tfra:lemma\tchien\n"

    private func lemmas(_ paths: [String]) throws -> [String] {
        let reader = try SynsetFiles.open(paths)
        var texts: [String] = []
        while let synset = try reader.next() { texts += synset.lemmas.map(\.text) }
        return texts
    }

    @Test func wordnetsArePackedInEveryWay() throws {
        let xz = try folder.write("wn.xml.xz", ArchiveFixture.bytes(Self.lmf, .xz))
        #expect(try lemmas([xz]) == ["house"])
        let release = try ArchiveFixture.bytes(
            [
                ("omw/", []), ("omw/README.md", [0x78]), ("omw/en/en.xml", Array(Self.lmf.utf8)),
                ("omw/fr/wn-data-fra.tab", Array(Self.tab.utf8)),
                ("omw/citation.bib", [0x78]),
            ], .tar, .xz)
        #expect(try lemmas([folder.write("omw.tar.xz", release)]).sorted() == ["chien", "house"])
        // Whatever the name says, and in a folder.
        #expect(try lemmas([folder.write("download", release)]).sorted() == ["chien", "house"])
        let other = try TemporaryFolder()
        try other.write("omw.tar.xz", release)
        try other.write("LICENSE", "x")
        #expect(try lemmas([other.path]).sorted() == ["chien", "house"])
        let zip = try folder.write(
            "omw-1.4.zip", ArchiveFixture.bytes([("fra/wn-data-fra.tab", Array(Self.tab.utf8))], .zip))
        #expect(try lemmas([zip]) == ["chien"])
        #expect(throws: LexiconError.self) {
            try SynsetFiles.open([folder.write("x.zip", ArchiveFixture.bytes([("a.pdf", [1])], .zip))])
        }
    }

    @Test func aFileOfAnotherNameIsToldByItsContents() throws {
        #expect(try lemmas([folder.write("wordnet", Self.lmf)]) == ["house"])
        #expect(try lemmas([folder.write("french.txt", Self.tab)]) == ["chien"])
        let line = #"{"id":"x","lemmas":[{"lang":"en","lemma":"cat"}]}"#
        #expect(try lemmas([folder.write("synsets.json", line)]) == ["cat"])
    }
}
