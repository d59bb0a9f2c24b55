import Diagnostics

/// What can be wrong with an input text: vocabularies, dictionaries, similarity pairs, parallel sentences.
///
/// Lines count from 1; byte offsets count from 0, in the decompressed text unless the case says otherwise.
package enum LexiconError: Diagnosable, Equatable {
    case missing(path: String)
    /// A folder, socket or the like where a file was expected, or a file where a folder was.
    case wrongKind(path: String, expected: String, found: String)

    /// The name ends in `.gz`, the contents are not gzip.
    case notGzip(path: String, found: String)
    /// The compressed data ends before its end mark; offset in the compressed file.
    case truncatedGzip(path: String, offset: Int)
    /// The compressed data is damaged; offset in the compressed file.
    case damagedGzip(path: String, offset: Int, reason: String)
    /// Something that is not gzip follows the compressed data; offset in the compressed file.
    case trailingGarbage(path: String, offset: Int)

    case lineTooLong(path: String, line: Int, limitBytes: Int)
    case mixedLineEnds(path: String, line: Int)
    case notUTF8(path: String, line: Int, offset: Int, found: String)

    /// No entries at all.
    case empty(path: String, expected: String)
    /// One line is not what its format says.
    case malformedLine(path: String, line: Int, expected: String, found: String, advice: String)
    /// A file without lines is not what its format says; offset in the decompressed data.
    case malformedData(path: String, offset: Int, expected: String, found: String, advice: String)
    /// The header of a vector file promises another number of rows than there are.
    case rowCount(path: String, expected: Int, found: Int)
    /// The two files of a sentence set differ in length.
    case lineCounts(first: String, firstLines: Int, second: String, secondLines: Int)
    case blankLine(path: String, line: Int)

    /// Two files claim the same place: two vocabularies of one language, two dictionaries of one pair.
    case ambiguous(folder: String, what: String, first: String, second: String)
    /// One half of a two-file sentence set.
    case missingPartner(path: String, expected: String)
    /// A folder without a single file of the kind looked for.
    case nothingFound(folder: String, expected: String, ignored: [String])
    /// A name that should carry languages does not.
    case unknownName(path: String, expected: String)

    package var exitStatus: ExitStatus {
        switch self {
        case .missing, .missingPartner, .nothingFound: .missingInput
        default: .badInput
        }
    }
}

extension LexiconError {
    package var description: String {
        switch self {
        case .missing(let path):
            return "\(path): no such file or folder; check the path"
        case .wrongKind(let path, let expected, let found):
            return "\(path): expected \(expected), found \(found); check the path"
        case .notGzip(let path, let found):
            return "\(path): expected gzip data as the name says, found a file that starts with \(found); "
                + "fetch it again, or drop .gz from its name if it is plain text"
        case .truncatedGzip(let path, let offset):
            return "\(path): the gzip data stops at byte \(offset) before its end mark; "
                + "the file was cut short, fetch it again"
        case .damagedGzip(let path, let offset, let reason):
            return "\(path): the gzip data is damaged near byte \(offset) (\(reason)); fetch it again"
        case .trailingGarbage(let path, let offset):
            return "\(path): the gzip data ends at byte \(offset) and something else follows; "
                + "fetch it again, or cut it there with head -c \(offset)"
        case .lineTooLong(let path, let line, let limit):
            return "\(path): line \(line) is longer than \(limit) bytes; expected text with LF line ends, "
                + "check that this is the file you meant"
        case .mixedLineEnds(let path, let line):
            return "\(path): line \(line) ends with CR LF but the first line with LF alone; "
                + "make all line ends LF, for example with sed 's/\\r$//'"
        case .notUTF8(let path, let line, let offset, let found):
            return "\(path): line \(line), byte \(offset) of the text: expected UTF-8, found \(found); "
                + "convert the file with iconv -t UTF-8, or remove the line"
        case .empty(let path, let expected):
            return "\(path): expected \(expected), found none; check that the file was fetched completely"
        case .malformedLine(let path, let line, let expected, let found, let advice):
            return "\(path): line \(line): expected \(expected), found \(found); \(advice)"
        case .malformedData(let path, let offset, let expected, let found, let advice):
            return "\(path): byte \(offset): expected \(expected), found \(found); \(advice)"
        case .rowCount(let path, let expected, let found):
            return
                "\(path): the header promises \(expected) rows, found \(found < expected ? "" : "at least ")\(found); "
                + (found < expected
                    ? "the file was cut short, fetch it again, or ask for the first \(max(found, 1)) with --top"
                    : "correct the header or remove the rows after it")
        case .lineCounts(let first, let firstLines, let second, let secondLines):
            return "\(first) has \(firstLines) lines and \(second) has \(secondLines); expected line-aligned files "
                + "of equal length, fetch both again"
        case .blankLine(let path, let line):
            return "\(path): line \(line) is blank; expected a sentence, remove the line from both languages"
        case .ambiguous(let folder, let what, let first, let second):
            return "\(folder): \(first) and \(second) are both \(what); keep one of them in the folder"
        case .missingPartner(let path, let expected):
            return "\(path): its other half is missing, expected \(expected) beside it; fetch both again"
        case .nothingFound(let folder, let expected, let ignored):
            let seen = ignored.isEmpty ? "an empty folder" : "only " + Self.listing(ignored)
            return "\(folder): expected \(expected), found \(seen); check the path"
        case .unknownName(let path, let expected):
            return "\(path): the file name does not tell its languages, expected \(expected); rename the file"
        }
    }

    private static func listing(_ names: [String]) -> String {
        let shown = names.prefix(3).joined(separator: ", ")
        return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
    }

    /// At most 40 bytes of a line, made printable: what an error shows as found.
    static func excerpt(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        var text = "'"
        for scalar in String(decoding: bytes.prefix(40), as: UTF8.self).unicodeScalars {
            text +=
                scalar.value == 0x20 || (scalar.properties.generalCategory.isGraphic && scalar.value > 0x20)
                ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }
        return text + (bytes.count > 40 ? "…'" : "'")
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isGraphic: Bool {
        switch self {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
            .paragraphSeparator:
            false
        default: true
        }
    }
}
