import Files
import Fingerprinting

/// Word pairs of two languages with the similarity people gave them.
package struct SimilarityPairs: Sendable {
    /// "ENG-FIN": as in the file's header.
    package let name: String
    /// As in the file's header, upper-case ISO 639-3: "ENG". `LanguageCode.canonical` matches them to vocabularies.
    package let firstLanguage: String
    package let secondLanguage: String
    package let path: String
    /// Words and expressions; row i of `first`, row i of `second` and `scores[i]` belong together.
    package let first: TextTable
    package let second: TextTable
    /// Finite.
    package let scores: [Double]
    /// Rows left out because their score is `nan`.
    package let omitted: Int
    /// Cells that lost ASCII spaces at an end.
    package let trimmedCells: Int
    /// Hash of languages, pairs and scores in order.
    package let fingerprint: Fingerprint

    package var count: Int { scores.count }

    package init(
        firstLanguage: String, secondLanguage: String, path: String, first: TextTable, second: TextTable,
        scores: [Double], omitted: Int, trimmedCells: Int = 0
    ) {
        precondition(
            first.count == scores.count && second.count == scores.count,
            "\(first.count) first words, \(second.count) second words, \(scores.count) scores")
        name = "\(firstLanguage)-\(secondLanguage)"
        self.firstLanguage = firstLanguage
        self.secondLanguage = secondLanguage
        self.path = path
        self.first = first
        self.second = second
        self.scores = scores
        self.omitted = omitted
        self.trimmedCells = trimmedCells
        let builder = FingerprintBuilder()
        builder.combine("similarity 1")
        builder.combine(firstLanguage)
        builder.combine(secondLanguage)
        first.combine(into: builder)
        second.combine(into: builder)
        for score in scores { builder.combine(score.bitPattern) }
        fingerprint = builder.finish()
    }
}

/// Reads MultiSimLex cross-lingual pairs (XLSIM): CSV with the header `ID,<L1>,<L2>,PoS,score`.
///
/// Rows whose score is `nan` are left out and counted (the reference computes ρ with `nan_policy="omit"`). ASCII
/// spaces at the ends of a cell are dropped and counted: the reference keeps them, but its tokenizers ignore them, so
/// vectors are equal, and only a trimmed word can be found in a store. Inner spaces, parentheses and apostrophes
/// stay.
package enum SimilarityReader {
    /// - Throws: `LexiconError`, `SystemFault`.
    package static func read(path: String) throws -> SimilarityPairs {
        var records = try DelimitedRecords(path: path)
        guard let header = try records.next() else {
            throw LexiconError.empty(path: path, expected: "the header ID,<L1>,<L2>,PoS,score and rows")
        }
        let (firstLanguage, secondLanguage) = try languages(of: header, path: path)
        var first = TextTable()
        var second = TextTable()
        var scores: [Double] = []
        var omitted = 0
        var trimmedCells = 0
        while let cells = try records.next() {
            let problem = { (expected: String, found: String) in
                LexiconError.malformedLine(
                    path: path, line: records.line, expected: expected, found: found,
                    advice: "correct or remove the row")
            }
            guard cells.count == 5 else {
                throw problem("5 cells (ID,\(firstLanguage),\(secondLanguage),PoS,score)", "\(cells.count)")
            }
            let words = [trim(cells[1]), trim(cells[2])]
            for (word, column) in zip(words, [firstLanguage, secondLanguage]) where word.isEmpty {
                throw problem("a word in column \(column)", "an empty cell")
            }
            let text = String(decoding: trim(cells[4]), as: UTF8.self)
            if text.lowercased() == "nan" {
                omitted += 1
                continue
            }
            guard let score = number(text) else {
                throw problem("a number or nan in column score", "'\(text.prefix(40))'")
            }
            trimmedCells += (words[0].count < cells[1].count ? 1 : 0) + (words[1].count < cells[2].count ? 1 : 0)
            first.append(words[0])
            second.append(words[1])
            scores.append(score)
        }
        guard !scores.isEmpty else { throw LexiconError.empty(path: path, expected: "at least one pair with a score") }
        return SimilarityPairs(
            firstLanguage: firstLanguage, secondLanguage: secondLanguage, path: path, first: first, second: second,
            scores: scores, omitted: omitted, trimmedCells: trimmedCells)
    }

    /// The pairs files of a folder: `ENG-FIN.csv`, also packed, sorted by name. A file stands for itself, whatever its
    /// name: its header tells the languages.
    /// - Throws: `LexiconError` (two files of one pair, none at all), `FileError` (nothing there), `SystemFault`.
    package static func list(_ folder: String) throws -> [String] {
        guard FolderListing.isFolder(folder) else {
            _ = try InputFile(path: folder)
            return [folder]
        }
        var paths: [String] = []
        var ignored: [String] = []
        for name in try FolderListing.names(of: folder) {
            let parts = InputFileName.parts(name)
            guard isName(name) else {
                ignored.append(name)
                continue
            }
            if let last = paths.last, InputFileName.plain(last) == InputFileName.plain(InputFileName.join(folder, name))
            {
                throw LexiconError.ambiguous(
                    folder: folder, what: "pairs of '\(parts[0])'", first: InputFileName.last(last), second: name)
            }
            paths.append(InputFileName.join(folder, name))
        }
        guard !paths.isEmpty else {
            throw LexiconError.nothingFound(
                folder: folder, expected: "similarity pairs named <L1>-<L2>.csv", ignored: ignored)
        }
        LeftOutFiles.say(ignored, of: folder, because: "no name of similarity pairs: <L1>-<L2>.csv")
        return paths
    }

    /// Whether a file is named as similarity pairs are: `ENG-FIN.csv`, also packed.
    package static func isName(_ path: String) -> Bool {
        let parts = InputFileName.parts(InputFileName.last(path))
        return parts.count == 2 && parts[1] == "csv" && InputFileName.pair(parts[0].lowercased()) != nil
    }

    private static func languages(of header: [[UInt8]], path: String) throws -> (String, String) {
        let names = header.map { String(decoding: trim($0), as: UTF8.self) }
        let found = {
            LexiconError.malformedLine(
                path: path, line: 1, expected: "the header ID,<L1>,<L2>,PoS,score with two language codes",
                found: "'\(names.joined(separator: ",").prefix(60))'", advice: "check that this is a MultiSimLex file")
        }
        guard names.count == 5, names[0].lowercased() == "id", names[3].lowercased() == "pos",
            names[4].lowercased() == "score", names[1...2].allSatisfy({ LanguageCode.isPlain($0.lowercased()) })
        else { throw found() }
        let stem = InputFileName.parts(InputFileName.last(path))[0]
        if InputFileName.pair(stem.lowercased()) != nil, stem.lowercased() != "\(names[1])-\(names[2])".lowercased() {
            throw LexiconError.malformedLine(
                path: path, line: 1, expected: "the languages of the file name, \(stem)",
                found: "\(names[1])-\(names[2])", advice: "rename the file or correct its header")
        }
        return (names[1], names[2])
    }

    private static func trim(_ cell: [UInt8]) -> ArraySlice<UInt8> {
        guard let start = cell.firstIndex(where: { $0 != 0x20 }), let end = cell.lastIndex(where: { $0 != 0x20 }) else {
            return []
        }
        return cell[start...end]
    }

    /// A finite decimal number; Swift's own parser would also take hexadecimal ones and "inf".
    private static func number(_ text: String) -> Double? {
        let decimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        guard decimal, let value = Double(text), value.isFinite else { return nil }
        return value
    }
}
