import Files

/// Reads typology vectors: a table of text, or one of lang2vec's `.npz` files.
///
/// - Text: a header with the language column first and a feature name for each other column, then a row for each
///   language, separated by commas or (when the header has one) tabs. Numbers; `--` or nothing is a missing value.
///   lang2vec's printed vectors (`CODE`, tabs) have this form.
/// - `.npz`: arrays `langs`, `feats`, `sources` and `data` [languages, features, sources]; -1 is a missing value. Files
///   of several sources are refused: lang2vec's sets without gaps (`feature_predictions.npz`) have one.
package enum TypologyReader {
    /// - Parameter prefix: features to keep, by the start of their names: `S_` is lang2vec's syntax; empty keeps all.
    /// - Throws: `LexiconError`, `SystemFault`.
    package static func read(path: String, prefix: String) throws -> TypologyVectors {
        let all = path.hasSuffix(".npz") ? try TypologyArchive.read(path: path) : try readTable(path: path)
        let kept = all.features.indices.filter { all.features[$0].hasPrefix(prefix) }
        guard !kept.isEmpty, !all.codes.isEmpty else {
            throw LexiconError.empty(
                path: path,
                expected: all.codes.isEmpty ? "rows of languages" : "features whose names start with '\(prefix)'")
        }
        if kept.count == all.features.count { return all }
        return TypologyVectors(
            path: path, features: kept.map { all.features[$0] }, codes: all.codes,
            values: all.codes.indices.flatMap { row in
                let values = all.values(at: row)
                return kept.map { values[values.startIndex + $0] }
            })
    }

    private static func readTable(path: String) throws -> TypologyVectors {
        let reader = try LineReader(path: path)
        guard let first = try reader.next() else {
            throw LexiconError.empty(path: path, expected: "a header with the names of features")
        }
        let separator: UInt8 = first.contains(0x09) ? 0x09 : UInt8(ascii: ",")
        let header = first.split(separator: separator, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard header.count > 1 else {
            throw LexiconError.malformedLine(
                path: path, line: 1, expected: "a language column and features, between commas or tabs",
                found: LexiconError.excerpt(first), advice: "check that this is a table of typology vectors")
        }
        var codes: [String] = []
        var seen = Set<String>()
        var values: [Double] = []
        while let line = try reader.next() {
            let cells = line.split(separator: separator, omittingEmptySubsequences: false)
            let problem = { (expected: String, found: String) in
                LexiconError.malformedLine(
                    path: path, line: reader.lineNumber, expected: expected, found: found,
                    advice: "correct or remove the row")
            }
            guard cells.count == header.count else {
                throw problem("\(header.count) cells, as in the header", "\(cells.count)")
            }
            let code = String(decoding: cells[0], as: UTF8.self)
            guard LanguageCode.isWellFormed(code) else { throw problem("a language code", "'\(code.prefix(40))'") }
            guard seen.insert(code).inserted else { throw problem("one row for each language", "a second '\(code)'") }
            codes.append(code)
            for (column, cell) in cells.enumerated().dropFirst() {
                let text = String(decoding: cell, as: UTF8.self)
                guard let value = text == "--" || text.isEmpty ? Double.nan : Double(text), !value.isInfinite else {
                    throw problem("a number for \(header[column])", "'\(text.prefix(40))'")
                }
                values.append(value)
            }
        }
        return TypologyVectors(path: path, features: Array(header.dropFirst()), codes: codes, values: values)
    }
}
