import CZlib
import Fingerprinting
import Foundation
import TestSupport
import Testing

@testable import Encoder

/// Ids of all words of the 21 real vocabularies, and of every Unicode scalar in context, as counts and hashes of what
/// Hugging Face's fast tokenizers give (Fixtures/tokenizers/parity.tsv, made by tools/parity/check-tokenizer-parity
/// --write, which also shows which text differs when one does).
///
/// A release build checks every text; a debug build, some thirty times slower, checks every 100th.
@Suite(.enabled(if: SharedData.isPresent, .init(rawValue: SharedData.absence)))
struct SharedParityTests {
    static let isSampling = _isDebugAssertConfiguration()

    struct Row: CustomTestStringConvertible, Sendable {
        let tokenizer: String
        let kind: String
        let name: String
        let texts: Int
        let ids: Int
        let digest: String
        let sampleDigest: String
        var testDescription: String { "\(tokenizer), \(kind) \(name)" }
    }

    static let rows: [Row] = {
        let path = TokenizerFixtures.folder + "/parity.tsv"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
            let fields = line.split(separator: "\t").map(String.init)
            let name = fields.count == 6 ? fields[1].split(separator: " ").map(String.init) : []
            guard name.count == 2, let texts = Int(fields[2]), let ids = Int(fields[3]) else { return nil }
            return Row(
                tokenizer: fields[0], kind: name[0], name: name[1], texts: texts, ids: ids, digest: fields[4],
                sampleDigest: fields[5])
        }
    }()

    static let tokenizers: [String: any Tokenizer] = [:].merging(
        ["mbert-cased", "mbert-uncased-substitute", "xlmr"].compactMap { name in
            (try? TokenizerFolder.load("\(SharedData.path("tokenizers"))/\(name)")).map { (name, $0) }
        }, uniquingKeysWith: { $1 })

    @Test("the list holds 21 vocabularies and 5 sweeps for each of three tokenizers")
    func list() {
        #expect(Self.rows.count == 3 * (21 + 5))
        #expect(Self.rows.filter { $0.kind == "vocabulary" }.map(\.texts).reduce(0, +) == 6_300_000)
        #expect(Self.rows.filter { $0.kind == "scalars" }.allSatisfy { $0.texts == 0x110000 - 0x800 })
    }

    @Test(arguments: rows.filter { $0.kind == "vocabulary" })
    func vocabulary(_ row: Row) throws {
        let words = try Self.lines(gzip: SharedData.path("bli/vocab/\(row.name)_vocab.txt.gz"))
        #expect(words.count == row.texts)
        try check(row) { words[$0] }
    }

    /// The contexts of tools/parity/check-tokenizer-parity.
    static let contexts = [
        "alone": ("", ""), "spaced": (" ", " "), "inside": ("a", "b"), "marked": ("", "\u{301}a"),
        "hangul": ("\u{1112}\u{1161}", "\u{11AB}"),
    ]

    @Test(arguments: rows.filter { $0.kind == "scalars" })
    func scalars(_ row: Row) throws {
        let (before, after) = try #require(Self.contexts[row.name])
        try check(row) { index in
            var text = Array(before.utf8)
            UTF8Text.append(UInt32(index < 0xD800 ? index : index + 0x800), to: &text)
            return (text + after.utf8)[...]
        }
    }

    private func check(_ row: Row, _ text: (Int) -> ArraySlice<UInt8>) throws {
        let tokenizer = try #require(Self.tokenizers[row.tokenizer])
        let special = tokenizer.specialTokens
        let all = FingerprintBuilder()
        let sample = FingerprintBuilder()
        var count = 0
        var ids: [Int32] = []
        for index in stride(from: 0, to: row.texts, by: Self.isSampling ? 100 : 1) {
            ids.removeAll(keepingCapacity: true)
            ids.append(0)
            ids.append(special.start)
            text(index).withUnsafeBufferPointer { tokenizer.appendSubwords(utf8: $0, to: &ids) }
            ids.append(special.separator)
            ids[0] = Int32(ids.count - 1)
            count += ids.count - 1
            ids.withUnsafeBytes { bytes in
                if !Self.isSampling { all.combine(bytes: bytes) }
                if index % 100 == 0 { sample.combine(bytes: bytes) }
            }
        }
        #expect(sample.finish().hex == row.sampleDigest)
        if !Self.isSampling {
            #expect(count == row.ids)
            #expect(all.finish().hex == row.digest)
        }
    }

    private static func lines(gzip path: String) throws -> [ArraySlice<UInt8>] {
        let file = try #require(gzopen(path, "rb"))
        defer { gzclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let got = gzread(file, &chunk, UInt32(chunk.count))
            try #require(got >= 0)
            if got == 0 { break }
            bytes += chunk[..<Int(got)]
        }
        return bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
    }
}
