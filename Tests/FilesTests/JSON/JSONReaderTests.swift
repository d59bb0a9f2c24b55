import Files
import TestSupport
import Testing

@Suite struct JSONReaderTests {
    private let folder = try! TemporaryFolder()

    private func value(_ text: String) throws -> JSONValue {
        try JSONReader.read(folder.write("x.json", text)) { try $0.value() }
    }

    @Test func values() throws {
        let tree = try value(
            " {\"a\" : [1, -2.5e3, true, false, null, \"\"], \"b\":{}, \"a\": \"\\u00e4\\uD83D\\uDE00\\n\\/\"}\n")
        #expect(tree["a"]?.string == "ä😀\n/")
        guard case .object(let members) = tree, case .array(let array) = members[0].value else {
            Issue.record("not an object")
            return
        }
        #expect(members.map(\.key) == ["a", "b", "a"])
        #expect(array[0].integer == 1 && array[1].integer == -2500 && array[2].bool == true && array[4].isNull)
    }

    @Test(arguments: [
        "", " ", "{", "[1,", "[1 2]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "[1]]", "\"a", "\"\\x\"", "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"", "\"\\udc00\"", "tru", "nul", "--1", "1e999", "0x10", "inf", "\u{1}", "\"a\nb\"", "\"\\",
        "{\"a\":\"b\"\u{0}}",
    ])
    func broken(_ text: String) {
        #expect(throws: FileError.self) { try value(text) }
    }

    @Test func wholeNumbersStayWhole() throws {
        #expect(try value("[9007199254740993, -0, 1.0, 1e2]") == [.integer(9_007_199_254_740_993), 0, 1.0, 100.0])
        #expect(try value("1e2").integer == 100)
    }

    /// Numbers at the very end of a document and before every byte that may follow one.
    @Test func numbersAreReadWhereverTheyEnd() throws {
        for text in ["-7.123456789012345", "1e-7", "0.1", "5"] {
            for end in ["", " ", "\n"] { #expect(try value(text + end).double == Double(text)) }
            #expect(try value("[\(text)]").array?.first?.double == Double(text))
            #expect(try value("{\"a\":\(text)}")["a"]?.double == Double(text))
        }
    }

    /// Strings whose quote, escape or control character stands at every place of an eight-byte word.
    @Test func stringsOfEveryLength() throws {
        for length in 0..<40 {
            let plain = String(repeating: "ä", count: length / 2) + String(repeating: "x", count: length % 2)
            #expect(try value("\"\(plain)\"").string == plain)
            #expect(try value("\"\(plain)\\n\(plain)\"").string == plain + "\n" + plain)
            #expect(throws: FileError.self) { try value("\"\(plain)\u{1f}\(plain)\"") }
            #expect(throws: FileError.self) { try value("\"\(plain)") }
        }
    }

    @Test func errorsNameFileKeyAndByte() throws {
        let path = try folder.write("x.json", "{\"model\": {\"vocab\": [1, }}")
        let error = #expect(throws: FileError.self) { try JSONReader.read(path) { try $0.value() } }
        #expect(error?.description.contains("x.json: key model.vocab.1, byte 24: expected a value, found '}'") == true)
        let deep = try folder.write("deep.json", String(repeating: "[", count: 100))
        #expect(throws: FileError.self) { try JSONReader.read(deep) { try $0.value() } }
        #expect(throws: FileError.self) { try JSONReader.read(deep) { try $0.skipValue() } }
    }

    /// What is written is what is read, for documents with every kind of value.
    @Test func readsWhatJSONValueWrites() throws {
        let document: JSONValue = [
            "text": "ä\u{2028}\u{1}\"\\/😀", "list": [1, -2.5, true, false, .null, [:], []], "deep": ["a": ["b": [0.1]]],
        ]
        #expect(try value(document.line) == document)
    }
}
