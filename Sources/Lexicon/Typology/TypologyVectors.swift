import Files

/// Feature vectors of languages: what URIEL says of their syntax, sounds or families (Littell et al. 2017).
package struct TypologyVectors: Sendable {
    package let path: String
    package let features: [String]
    /// Codes as the file spells them.
    package let codes: [String]
    /// `codes.count` × `features.count`, row by row; NaN where the file knows nothing.
    private let values: [Double]
    private let rows: [String: Int]
    /// The first row of each language under its canonical code.
    private let canonicalRows: [String: Int]

    init(path: String, features: [String], codes: [String], values: [Double]) {
        precondition(values.count == codes.count * features.count)
        self.path = path
        self.features = features
        self.codes = codes
        self.values = values
        rows = Dictionary(codes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        canonicalRows = Dictionary(
            codes.enumerated().map { (LanguageCode.canonical($1), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The row of a language given by any code: the code as it is, its ISO 639-3 code, any other code of the language.
    ///
    /// In this order, because lang2vec has rows for macro-languages and for their members: `zh` is `zho` there, not
    /// `cmn`.
    package func row(of language: String) -> Int? {
        rows[language] ?? LanguageCode.iso639_3(of: language).flatMap { rows[$0] }
            ?? canonicalRows[LanguageCode.canonical(language)]
    }

    /// One value for each feature.
    package func values(at row: Int) -> ArraySlice<Double> {
        values[row * features.count..<(row + 1) * features.count]
    }
}

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

/// The layout of lang2vec's feature files: four NumPy arrays in a zip archive.
enum TypologyArchive {
    private static let maximalMemberBytes = 256 << 20

    /// - Throws: `LexiconError`, `SystemFault`.
    static func read(path: String) throws -> TypologyVectors {
        let array = { (name: String) in
            let bytes = try ArchiveMembers.contents(of: path, member: "\(name).npy", limit: maximalMemberBytes)
            return try NumPyArray(bytes: bytes, path: path, name: name)
        }
        let (codes, features) = (try array("langs").texts(), try array("feats").texts())
        let data = try array("data")
        guard data.shape.count == 3, data.shape[0] == codes.count, data.shape[1] == features.count else {
            throw problem(
                path, expected: "data of the shape [\(codes.count), \(features.count), sources]",
                found: "\(data.shape)")
        }
        guard data.shape[2] == 1 else {
            throw problem(
                path, expected: "one source, as in feature_predictions.npz", found: "\(data.shape[2]) sources")
        }
        let values = try data.numbers().map { $0 < 0 ? .nan : $0 }
        return TypologyVectors(path: path, features: features, codes: codes, values: values)
    }

    private static func problem(_ path: String, expected: String, found: String) -> FileError {
        .malformed(
            path: path, offset: 0, expected: expected, found: found,
            advice: "take lang2vec's feature_predictions.npz, or a table of text")
    }
}
