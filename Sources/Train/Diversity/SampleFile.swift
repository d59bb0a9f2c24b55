import Files
import Lexicon

/// A file of language samples: one a line, codes between spaces or commas; blank lines and lines that start with # are
/// skipped.
enum SampleFile {
    /// - Throws: `LexiconError`, `SystemFault`.
    static func read(path: String) throws -> [[String]] {
        let reader = try LineReader(path: path)
        var samples: [[String]] = []
        while let line = try reader.next() {
            let text = String(decoding: line, as: UTF8.self)
            guard !text.hasPrefix("#"), let list = LanguageList(argument: text) else { continue }
            guard let codes = try? list.checked(option: path) else {
                throw LexiconError.malformedLine(
                    path: path, line: reader.lineNumber,
                    expected: "language codes, each once, between spaces or commas",
                    found: "'\(text.prefix(80))'", advice: "correct or remove the line")
            }
            samples.append(codes)
        }
        guard !samples.isEmpty else {
            throw LexiconError.empty(path: path, expected: "language samples, one a line")
        }
        return samples
    }
}
