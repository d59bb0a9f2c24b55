import Diagnostics
import Files
import TestSupport
import Testing

@testable import Lexicon

@Suite struct SynsetLinesTests {
    private let folder = try! TemporaryFolder(inMemory: true)

    private func read(_ text: String) throws -> [Synset] {
        let reader = try SynsetLinesReader(path: folder.write("s.jsonl", text))
        var synsets: [Synset] = []
        while let synset = try reader.next() { synsets.append(synset) }
        return synsets
    }

    @Test func readsEveryField() throws {
        let synsets = try read(
            #"{"extra":[1,-2.5e3,{"a":null}], "id" : "x\u0031","pos":"n","named_entity":null,"lemmas":[{"lang":"en","lemma":"caf\u00e9 \ud83d\ude00","source":"wn"},{"lemma":"日","lang":"ja","source":null}],"glosses":[{"lang":"en","gloss":"a\tb \"c\" \\ \/"}]}"#
                + "\n{\"id\":\"y\",\"lemmas\":[]}")
        #expect(
            synsets == [
                Synset(
                    id: "x1", partOfSpeech: "n", isNamedEntity: nil,
                    lemmas: [
                        .init(language: "en", text: "caf\u{e9} \u{1f600}", source: "wn"),
                        .init(language: "ja", text: "日"),
                    ],
                    glosses: [.init(language: "en", text: "a\tb \"c\" \\ /")]),
                Synset(id: "y"),
            ])
    }

    /// Every one of these is a line that is skipped, with what was expected and where.
    @Test(arguments: [
        (#"{"id":"x""#, "',' or '}'"), (#"{"id":"x","lemmas":[],}"#, "a key in quotes"), ("", "an object"),
        (#"{"id":"x","lemmas":[]} x"#, "the end of the line"), (#"{"lemmas":[]}"#, "a key \"id\""),
        (#"{"id":"x"}"#, "a key \"lemmas\""), (#"{"id":"","lemmas":[]}"#, "not empty"),
        (#"{"id":3,"lemmas":[]}"#, "a string"), (#"{"id":"x","id":"y","lemmas":[]}"#, "only once"),
        (#"{"id":"x","lemmas":[{"lang":"en"}]}"#, "\"lang\" and \"lemma\""),
        (#"{"id":"x","lemmas":[],"named_entity":1}"#, "true, false or null"),
        (#"{"id":"\ud800","lemmas":[]}"#, "surrogate"), (#"{"id":"\udc00x","lemmas":[]}"#, "surrogate"),
        (#"{"id":"\x","lemmas":[]}"#, "after '\\'"), ("{\"id\":\"a\u{1}\",\"lemmas\":[]}", "control character"),
        (#"{"id":"x","lemmas":[],"a":01}"#, "',' or '}'"), (#"{"id":"x","lemmas":[],"a":+1}"#, "a value"),
        (#"{"id":"x","lemmas":[],"a":tru}"#, "true"), (#"{"id":"x","lemmas":{}}"#, "an array"),
        ("{\"id\":\"x\",\"lemmas\":[],\"a\":" + String(repeating: "[", count: 100_000), "nested"),
        (#"{"id":"x","lemmas":[],"glosses":[{"lang":"en","gloss":null}]}"#, "a string"),
    ])
    func badLinesSayWhatWasExpected(line: String, expected: String) throws {
        let good = "{\"id\":\"good\",\"lemmas\":[]}\n"
        let path = try folder.write("s.jsonl", good + line + "\n" + good)
        let reader = SynsetLinesReader(path: path)
        #expect(try reader.next()?.id == "good")
        let fault = try #require(throws: SkippableFault.self) { try reader.next() }
        #expect(fault.description.contains(expected) && fault.description.contains("\(path): line 2: "))
        #expect(fault.exitStatus == .badInput)
        #expect(try reader.next()?.id == "good")
    }

    @Test func aLineThatIsNotUTF8IsSkipped() throws {
        let good = Array("{\"id\":\"good\",\"lemmas\":[]}\n".utf8)
        let reader = try SynsetLinesReader(path: folder.write("s.jsonl", [0x7b, 0xff, 0x0a] + good))
        #expect(throws: SkippableFault.self) { try reader.next() }
        #expect(try reader.next()?.id == "good")
    }

    /// One line beyond every limit costs that line alone.
    @Test func aLineThatIsTooLongIsSkipped() throws {
        let good = "{\"id\":\"good\",\"lemmas\":[]}\n"
        let long = "{\"id\":\"" + String(repeating: "x", count: 17 << 20) + "\",\"lemmas\":[]}\n"
        let reader = try SynsetLinesReader(path: folder.write("s.jsonl", good + long + good + "x"))
        #expect(try reader.next()?.id == "good")
        let fault = try #require(throws: SkippableFault.self) { try reader.next() }
        #expect(fault.description.contains("line 2 is longer than"))
        #expect(try reader.next()?.id == "good")
        #expect(reader.lineNumber == 3)
        #expect(throws: SkippableFault.self) { try reader.next() }
        #expect(try reader.next() == nil)
    }

    @Test func aLineWithAnotherLineEndIsSkipped() throws {
        let good = "{\"id\":\"good\",\"lemmas\":[]}"
        let reader = try SynsetLinesReader(path: folder.write("s.jsonl", "\(good)\n\(good)\r\n\(good)\n"))
        #expect(try reader.next()?.id == "good")
        #expect(throws: SkippableFault.self) { try reader.next() }
        #expect(try reader.next()?.id == "good" && reader.lineNumber == 3)
        #expect(try reader.next() == nil)
    }

    /// Seeded mutations of a line: a synset or a fault, never a trap; what parses has its required parts.
    @Test func mutationsParseOrAreSkipped() throws {
        let seed = Array(
            #"{"id":"x\u00e9","pos":"n","named_entity":true,"lemmas":[{"lang":"en","lemma":"a\ud83d\ude00","source":"wn"}],"glosses":[{"lang":"en","gloss":"b \"c\""}],"n":[-1.5e+3,null]}"#
                .utf8)
        var generator = SeededGenerator(state: 4)
        var parsed = 0
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[at] = UInt8.random(in: 0x20...0x7e, using: &generator)
                case 1: bytes.remove(at: at)
                case 2: bytes.insert(Array("{}[]\",:\\u0n".utf8).randomElement(using: &generator) ?? 0, at: at)
                default: bytes.removeSubrange(at...)
                }
            }
            do {
                let synset = try bytes.withUnsafeBufferPointer { try SynsetLine.parse($0) }
                #expect(!synset.id.isEmpty)
                parsed += 1
            } catch let fault as JSONReader.Fault {
                #expect((0...bytes.count).contains(fault.offset))
                refused += 1
            }
        }
        #expect(parsed > 500 && refused > 500, "\(parsed) parsed, \(refused) refused")
    }
}
