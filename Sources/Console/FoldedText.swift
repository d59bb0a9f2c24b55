/// Text for people, in lines that are no wider than a terminal.
enum FoldedText {
    /// How far in a line goes on.
    private static let indentation = 2

    /// The text with lines that are wider than a width broken at spaces; what goes on below begins two columns further
    /// in than its line. A word that is wider, as a path, stays whole.
    static func lines(_ text: String, width: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let line = String(line)
            // A row that is set off by colours is a table's, which has seen to its width.
            if DisplayWidth.of(line) <= width || line.contains("\u{1B}") { return line }
            let margin = String(repeating: " ", count: line.prefix { $0 == " " }.count + indentation)
            return broken(line, first: width, others: max(1, width - margin.count))
                .joined(separator: "\n" + margin)
        }.joined(separator: "\n")
    }

    /// A text in pieces of so many columns at most: broken at spaces, a word that is wider between characters.
    /// - Returns: at least one piece.
    static func pieces(_ text: String, width: Int) -> [String] {
        if DisplayWidth.of(text) <= width { return [text] }
        return broken(text, first: width, others: width).flatMap { piece -> [String] in
            var parts = [""], columns = 0
            for character in piece {
                let own = DisplayWidth.of(String(character))
                if columns > 0, columns + own > width {
                    parts.append("")
                    columns = 0
                }
                parts[parts.count - 1].append(character)
                columns += own
            }
            return parts
        }
    }

    /// As many words to a line as fit, one at least; spaces at the beginning stay with the first word.
    private static func broken(_ text: String, first: Int, others: Int) -> [String] {
        var lines: [String] = [], line = "", columns = 0
        for (place, word) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            let own = DisplayWidth.of(String(word))
            let hasWord = line.contains { $0 != " " }
            if hasWord, columns + 1 + own > (lines.isEmpty ? first : others) {
                lines.append(line)
                (line, columns) = (String(word), own)
            } else {
                line += (place == 0 ? "" : " ") + word
                columns += (place == 0 ? 0 : 1) + own
            }
        }
        return (lines + [line]).map { line in
            var line = line
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
