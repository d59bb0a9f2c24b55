import Files

/// Streams synsets from JSON Lines, plain or gzip; memory is that of the longest line.
package final class SynsetLinesReader: SynsetReader {
    private let reader: LineReader

    /// - Throws: `LexiconError`, `SystemFault`.
    package init(path: String) throws { reader = try LineReader(path: path) }

    package var path: String { reader.path }
    package var place: String { "\(reader.path): line \(reader.lineNumber)" }
    package var lineNumber: Int { reader.lineNumber }

    package func next() throws -> Synset? {
        let line = try reader.nextOrSkippable()
        guard let line else { return nil }
        do {
            return try SynsetLine.parse(line)
        } catch let fault as JSONReader.Fault {
            let rest = UnsafeBufferPointer(rebasing: line[min(fault.offset, line.count)...])
            throw SkippableFault(
                .malformedLine(
                    path: reader.path, line: reader.lineNumber, expected: fault.expected,
                    found: (rest.isEmpty ? "the end of the line" : LexiconError.excerpt(rest))
                        + " at byte \(fault.offset) of the line",
                    advice: "correct or remove the line"))
        }
    }
}
