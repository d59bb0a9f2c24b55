import ArgumentParser
import Console
import Diagnostics
import Encoder

#if canImport(Glibc)
import Glibc
#endif

/// `indexer tokenize`: shows the ids of lines, and why a word would be left out of a build.
struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Shows the token ids of lines on standard input, one JSON object a line.",
        discussion: """
            Lines end at line feeds only and are not trimmed. The folder may hold nothing but tokenizer files. The ids hold \
            the special tokens; a line that a build would leave out also has "skipped": "empty" (it tokenises to \
            nothing) or "separator" (it holds the separator token itself).

            Example:
              printf 'house\\nkäärme\\n' | indexer tokenize --checkpoint models/mbert
              {"text":"house","ids":[101,13215,102]}
            """)

    @Option(help: ArgumentHelp("Folder of the checkpoint, or of its tokenizer files alone.", valueName: "folder"))
    var checkpoint: String

    @Flag(help: "Lines are a text and its pair with a tab between; shows the type ids, too.")
    var pair = false

    func run() throws {
        let tokenizer = try TokenizerFolder.load(checkpoint)
        try LineReader(descriptor: STDIN_FILENO, name: "standard input").forEachLine { line, number in
            let record =
                pair ? try pairRecord(line, number: number, tokenizer) : textRecord(line, tokenizer)
            try ResultStream.standardOutput.write(record)
        }
    }

    private func textRecord(_ line: UnsafeBufferPointer<UInt8>, _ tokenizer: any Tokenizer) -> JSONValue {
        let special = tokenizer.specialTokens
        let subwords = tokenizer.subwords(utf8: line)
        let ids = [special.start] + subwords + [special.separator]
        return .object([
            .init(key: "text", value: .text(String(decoding: line, as: UTF8.self))),
            .init(key: "ids", value: Self.array(ids)),
        ] + Self.skipped(subwords, special))
    }

    private func pairRecord(
        _ line: UnsafeBufferPointer<UInt8>, number: Int, _ tokenizer: any Tokenizer
    ) throws -> JSONValue {
        guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else {
            throw LineError(
                name: "standard input", line: number, expected: "a text, a tab and its pair", found: "no tab")
        }
        let special = tokenizer.specialTokens
        let first = UnsafeBufferPointer(rebasing: line[..<tab])
        let second = UnsafeBufferPointer(rebasing: line[(tab + 1)...])
        let subwords = tokenizer.subwords(utf8: first)
        var ids = [special.start] + subwords
        for _ in 0..<special.pairSeparators { ids.append(special.separator) }
        let secondStart = ids.count
        tokenizer.appendSubwords(utf8: second, to: &ids)
        ids.append(special.separator)
        let types = ids.indices.map { $0 < secondStart ? 0 : special.secondSegmentType }
        return .object([
            .init(key: "text", value: .text(String(decoding: first, as: UTF8.self))),
            .init(key: "pair", value: .text(String(decoding: second, as: UTF8.self))),
            .init(key: "ids", value: Self.array(ids)),
            .init(key: "type_ids", value: Self.array(types)),
        ] + Self.skipped(subwords, special))
    }

    /// The rule of `SequenceBuilder`: something between the special tokens, and no separator in it.
    private static func skipped(_ subwords: [Int32], _ special: SpecialTokens) -> [JSONValue.Member] {
        if subwords.isEmpty { return [.init(key: "skipped", value: "empty")] }
        if subwords.contains(special.separator) { return [.init(key: "skipped", value: "separator")] }
        return []
    }

    private static func array(_ ids: [Int32]) -> JSONValue { .array(ids.map { .integer(Int($0)) }) }
}

/// What is wrong with a line of a stream.
struct LineError: Diagnosable {
    let name: String
    let line: Int
    let expected: String
    let found: String

    var exitStatus: ExitStatus { .badInput }
    var description: String { "\(name), line \(line): expected \(expected), found \(found)" }
}

/// Reads UTF-8 lines from a descriptor, split at line feeds only, without holding more than the longest.
struct LineReader {
    /// No word or sentence is that long: such a stream is not text.
    static let lengthLimit = 1 << 26

    let descriptor: Int32
    let name: String

    /// Calls the body with each line, without its line feed, and its number from 1; a last line may lack the feed.
    /// - Throws: `LineError` for a line that is not UTF-8 or too long, `SystemFault`, what the body throws.
    func forEachLine(_ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Void) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var filled = 0
        var number = 0
        func take(_ line: UnsafeBufferPointer<UInt8>) throws {
            number += 1
            guard String(validating: line, as: UTF8.self) != nil else {
                throw LineError(
                    name: name, line: number, expected: "UTF-8", found: "bytes that are not; convert the text first")
            }
            try body(line, number)
        }
        while true {
            if filled == buffer.count {
                guard filled < Self.lengthLimit else {
                    throw LineError(
                        name: name, line: number + 1, expected: "a line of at most \(Self.lengthLimit) bytes",
                        found: "a longer one")
                }
                buffer += [UInt8](repeating: 0, count: buffer.count)
            }
            let got = buffer.withUnsafeMutableBytes { bytes in
                read(descriptor, bytes.baseAddress.map { $0 + filled }, bytes.count - filled)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw SystemFault(operation: "read", path: name, code: errno)
            }
            let searched = filled
            filled += got
            var start = 0
            try buffer.withUnsafeBufferPointer { bytes in
                var position = searched
                while position < filled {
                    if bytes[position] == 0x0A {
                        try take(UnsafeBufferPointer(rebasing: bytes[start..<position]))
                        start = position + 1
                    }
                    position += 1
                }
                if got == 0 && start < filled {
                    try take(UnsafeBufferPointer(rebasing: bytes[start..<filled]))
                }
            }
            if got == 0 { return }
            if start > 0 {
                buffer.removeSubrange(0..<start)
                buffer += [UInt8](repeating: 0, count: start)
                filled -= start
            }
        }
    }
}
