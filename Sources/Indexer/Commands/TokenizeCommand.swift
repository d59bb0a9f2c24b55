import ArgumentParser
import Console
import Encoder
import Files

#if canImport(Glibc)
import Glibc
#endif

/// `indexer tokenize`: shows the ids of lines, and why a word would be left out of a build.
struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Shows the token ids of lines on standard input, one JSON object a line.",
        discussion: """
            Lines end at line feeds only and are not trimmed; the output is the same with and without --json. The \
            folder may hold nothing but tokenizer files. The ids hold \
            the special tokens; a line that a build would leave out also has "skipped": "empty" (it tokenises to \
            nothing) or "separator" (it holds the separator token itself).

            Example:
              printf 'house\\nkäärme\\n' | indexer tokenize --checkpoint models/mbert
              {"text":"house","ids":[101,13215,102]}
            """)

    @Option(
        help: ArgumentHelp("Folder of the checkpoint, or of its tokenizer files alone.", valueName: "folder"),
        completion: .directory)
    var checkpoint: String

    @Flag(help: "Lines are a text and its pair with a tab between; shows the type ids, too.")
    var pair = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let tokenizer = try TokenizerFolder.load(Checkpoint.sourceFolder(of: checkpoint))
        let lines = try LineReader.standardInput()
        while let line = try lines.next() {
            let record =
                pair ? try pairRecord(line, number: lines.lineNumber, tokenizer) : textRecord(line, tokenizer)
            try ResultStream.standardOutput.write(record)
        }
    }

    private func textRecord(_ line: UnsafeBufferPointer<UInt8>, _ tokenizer: any Tokenizer) -> JSONValue {
        let special = tokenizer.specialTokens
        let subwords = tokenizer.subwords(utf8: line)
        let ids = special.template.before + subwords + special.template.after
        return .object(
            [
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
        let template = special.template
        var ids = template.pairBefore + subwords + template.between
        let secondStart = ids.count - template.secondSegmentPrefix
        tokenizer.appendSubwords(utf8: second, to: &ids)
        ids += template.pairAfter
        let types = ids.indices.map { $0 < secondStart ? 0 : template.secondSegmentType }
        return .object(
            [
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
