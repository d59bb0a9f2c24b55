import Files
import Foundation
import Testing

@Suite struct JSONValueTests {
    @Test func objectsKeepTheirOrder() {
        let value: JSONValue = ["z": 1, "a": [true, .null, 0.5], "m": ["k": "v"]]
        #expect(value.line == "{\"z\":1,\"a\":[true,null,0.5],\"m\":{\"k\":\"v\"}}")
    }

    @Test func notANumberIsNull() {
        #expect(JSONValue.array([.number(.nan), .number(.infinity), .number(2)]).line == "[null,null,2]")
    }

    /// Foundation's parser is the judge: every scalar that could trouble comes back as it was.
    @Test func stringsReadBack() throws {
        let scalars = (0...0x24F).chain([0x2028, 0x2029, 0xFEFF, 0xFFFD, 0x1F600, 0x10FFFF])
        for value in scalars {
            let text = "x" + String(Unicode.Scalar(value).map(Character.init) ?? "?") + "y"
            let line = JSONValue.array([.text(text)]).line
            #expect(!line.utf8.contains(10))
            let back = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String]
            #expect(back.map { Array($0[0].utf8) } == Array(text.utf8), "U+\(String(value, radix: 16))")
        }
    }

    @Test func numbersReadBackExactly() {
        for value in [0.1, 1e-300, 123456789.125, -0.0, 1e22, .leastNonzeroMagnitude, 0.30000000000000004] {
            #expect(Double(JSONValue.number(value).line) == value)
        }
    }
}

extension ClosedRange<UInt32> {
    fileprivate func chain(_ more: [UInt32]) -> [UInt32] { Array(self) + more }
}
