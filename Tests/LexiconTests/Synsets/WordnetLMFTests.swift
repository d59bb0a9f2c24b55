import Files
import TestSupport
import Testing

@testable import Lexicon

@Suite struct WordnetLMFTests {
    private let folder = try! TemporaryFolder(inMemory: true)

    static let english = """
        <?xml version="1.0" encoding="UTF-8"?>
        <!DOCTYPE LexicalResource SYSTEM "http://globalwordnet.github.io/schemas/WN-LMF-1.3.dtd">
        <!-- two synsets -->
        <LexicalResource xmlns:dc="https://globalwordnet.github.io/schemas/dc/">
          <Lexicon id="ewn" label="A &amp; B" language="en" email="a@b" license="x" version="1">
            <LexicalEntry id="e1">
              <Lemma writtenForm="dog" partOfSpeech="n"><Pronunciation>dɒɡ</Pronunciation></Lemma>
              <Form writtenForm="dogs"/>
              <Sense id="s1" synset="ewn-1-n"><Example>a dog</Example><SenseRelation relType="x" target="s2"/></Sense>
              <Sense id="s2" synset="ewn-2-n" n="2"/>
            </LexicalEntry>
            <LexicalEntry id="e2"><Lemma writtenForm="Laika" partOfSpeech="n"/><Sense id="s3" synset="ewn-2-n"/></LexicalEntry>
            <Synset id="ewn-1-n" ili="i1" partOfSpeech="n" members="e1">
              <Definition>
                an animal &lt;that&#x20;barks&gt;<!-- loudly --><![CDATA[ & bites]]>
              </Definition>
              <ILIDefinition>not this</ILIDefinition>
              <SynsetRelation relType="hypernym" target="ewn-3-n"/>
            </Synset>
            <Synset id="ewn-2-n" ili="in" partOfSpeech="s"><SynsetRelation relType='instance_hypernym' target="ewn-1-n"/></Synset>
          </Lexicon>
        </LexicalResource>
        """

    static let french = """
        <LexicalResource>
        <Lexicon id="wolf" language="fr">
        <LexicalEntry id="f1"><Lemma writtenForm="chien" partOfSpeech="n"/><Sense id="fs" synset="wolf-1"/></LexicalEntry>
        <Synset id="wolf-1" ili="i1"><Definition>un animal</Definition><Definition language="en">a pet</Definition></Synset>
        </Lexicon>
        <Lexicon id="wolf-it" language="it"><LexicalEntry id="f1"><Lemma writtenForm="cane"/><Sense id="x" synset="it-1"/>
        </LexicalEntry><Synset id="it-1" ili="i1"/></Lexicon>
        </LexicalResource>

        """

    private func read(_ texts: [String]) throws -> (synsets: [Synset], faults: [String]) {
        let paths = try texts.enumerated().map { try folder.write("\($0.offset).xml", $0.element) }
        return try readAll(WordnetLMFReader(paths: paths))
    }

    @Test func joinsLexiconsByTheirIndex() throws {
        let (synsets, faults) = try read([Self.english, Self.french])
        #expect(faults.isEmpty)
        #expect(
            synsets == [
                Synset(
                    id: "ewn-2-n", partOfSpeech: "a", isNamedEntity: true,
                    lemmas: [
                        .init(language: "en", text: "dog", source: "ewn"),
                        .init(language: "en", text: "Laika", source: "ewn"),
                    ]),
                Synset(
                    id: "i1", partOfSpeech: "n", isNamedEntity: false,
                    lemmas: [
                        .init(language: "en", text: "dog", source: "ewn"),
                        .init(language: "fr", text: "chien", source: "wolf"),
                        .init(language: "it", text: "cane", source: "wolf-it"),
                    ],
                    glosses: [
                        .init(language: "en", text: "an animal <that barks> & bites"),
                        .init(language: "fr", text: "un animal"), .init(language: "en", text: "a pet"),
                    ]),
            ])
    }

    @Test func badElementsAreSkippedWithTheirLine() throws {
        let text = """
            <LexicalResource><Lexicon id="l" language="en">
            <LexicalEntry id="a"><Lemma partOfSpeech="n"/><Sense id="0" synset="s1"/></LexicalEntry>
            <LexicalEntry id="b"><Lemma writtenForm="b"/><Sense id="1" synset="nowhere"/><Sense id="2"/>
            <Sense id="3" synset="s1"/></LexicalEntry>
            <Synset id="s1"/><Synset id="s1"/><Synset ili="i7"/>
            </Lexicon></LexicalResource>
            """
        let (synsets, faults) = try read([text])
        #expect(synsets == [Synset(id: "s1", lemmas: [.init(language: "en", text: "b", source: "l")])])
        #expect(faults.count == 5)
        for (fault, words) in zip(
            faults,
            [
                "line 2: expected a writtenForm", "line 3: expected a synset in <Sense>",
                "line 5: expected each synset of a lexicon once",
                "line 5: expected an id in <Synset>",
                "line 3: expected a synset of this lexicon in <Sense>, found 'nowhere'",
            ])
        {
            #expect(fault.contains(words), "\(fault)")
        }
    }

    @Test func anExtensionUsesTheSynsetsOfItsBase() throws {
        let (synsets, faults) = try read([
            Self.french,
            """
            <LexicalResource><LexiconExtension id="x" language="fr"><Extends id="wolf" version="1"/>
            <LexicalEntry id="n"><Lemma writtenForm="toutou" partOfSpeech="n"/><Sense id="n1" synset="wolf-1"/></LexicalEntry>
            <ExternalLexicalEntry id="f1"><Sense id="n2" synset="wolf-1"/></ExternalLexicalEntry>
            </LexiconExtension></LexicalResource>
            """,
        ])
        #expect(faults.isEmpty)
        #expect(synsets.first?.lemmas.map(\.text) == ["chien", "cane", "toutou"])
    }

    /// Entities that expand without end, files of elsewhere, and everything else that is not plain, well-formed XML.
    @Test(arguments: [
        ("<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]><x>&b;</x>", 1, "declarations of its own"),
        ("<LexicalResource>\n&lol;</LexicalResource>", 2, "the entity '&lol;'"),
        ("<LexicalResource>&#0;</LexicalResource>", 1, "the number of a character"),
        ("<LexicalResource>&#xD800;</LexicalResource>", 1, "the number of a character"),
        ("<LexicalResource>&amp</LexicalResource>", 1, "a reference"),
        ("<LexicalResource>\n<a>\n</b></LexicalResource>", 3, "expected </a>, found </b>"),
        ("<LexicalResource><a x='1' x='2'/></LexicalResource>", 1, "x once"),
        ("<LexicalResource><a x='1'y='2'/></LexicalResource>", 1, "a space before"),
        ("<LexicalResource><a x=1/></LexicalResource>", 1, "in quotes"),
        ("<LexicalResource><a x='<'/></LexicalResource>", 1, "&lt;"),
        ("<LexicalResource>", 1, "expected </LexicalResource>, found the end"),
        ("<LexicalResource/><LexicalResource/>", 1, "nothing after"),
        ("<LexicalResource/>x", 1, "outside"), ("", 1, "an element"), ("<html/>", 1, "<LexicalResource> first"),
        ("<LexicalResource><<Lexicon/></LexicalResource>", 1, "a name"),
        ("<LexicalResource>\u{1}</LexicalResource>", 1, "control character"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><LexicalResource/>", 1, "encoding UTF-8"),
        ("<LexicalResource><Synset id='x'/></LexicalResource>", 1, "within <Lexicon>"),
        ("<LexicalResource><Lexicon id='x'/></LexicalResource>", 1, "a language"),
        ("<LexicalResource>" + String(repeating: "<a>", count: 100_000), 1, "at most 64 elements"),
        (
            "<LexicalResource><a " + (0..<300).map { "a\($0)='' " }.joined() + "/></LexicalResource>", 1,
            "256 attributes"
        ),
    ])
    func refusesOtherXML(text: String, line: Int, words: String) throws {
        let error = try #require(throws: LexiconError.self) { try read([text]) }
        #expect(error.description.contains("line \(line): ") && error.description.contains(words), "\(error)")
    }

    @Test func aTextWithoutEndIsRefused() throws {
        let text = "<LexicalResource><a>" + String(repeating: "x", count: XMLPullReader.maximalTextBytes + 2)
        let error = try #require(throws: LexiconError.self) { try read([text]) }
        #expect(error.description.contains("a text of at most"))
    }

    @Test func lineEndsAndMarksAreThoseOfXML() throws {
        let text =
            "\u{feff}<?xml version=\"1.0\"?>\r\n<LexicalResource><a b=\"1\r\n2&#10;3\">x\r\ny</a></LexicalResource>"
        var xml = try XMLPullReader(ByteStream(path: folder.write("m.xml", text)))
        var events: [XMLPullReader.Event] = []
        while let event = try xml.next() { events.append(event) }
        #expect(
            events == [
                .start(name: "LexicalResource", attributes: [:]), .start(name: "a", attributes: ["b": "1 2\n3"]),
                .text("x\ny"),
                .end(name: "a"), .end(name: "LexicalResource"),
            ])
        #expect(xml.line == 4)
    }

    /// Every truncation and seeded flips and insertions: synsets or an error, never a trap.
    @Test func damagedFilesParseOrThrow() throws {
        let whole = Array(Self.english.utf8)
        for length in stride(from: 0, to: whole.count - 1, by: 7) {
            #expect(throws: LexiconError.self, "\(length)") {
                try read([String(decoding: whole.prefix(length), as: UTF8.self)])
            }
        }
        var generator = SeededGenerator(state: 11)
        var parsed = 0
        for _ in 0..<1_500 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 1: bytes.remove(at: at)
                case 2: bytes.insert(Array("<>&;\"'/![]-".utf8).randomElement(using: &generator) ?? 0, at: at)
                default: bytes[at] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            let reader = WordnetLMFReader(paths: [try folder.write("f.xml", bytes)])
            do {
                while true {
                    do { if try reader.next() == nil { break } } catch is SkippableFault {}
                }
                parsed += 1
            } catch is LexiconError {}
        }
        #expect(parsed > 50 && parsed < 1_400, "\(parsed) parsed")
    }
}
