import Diagnostics

/// What can be wrong with an input text that could be read (`FileError` has the rest): vocabularies, dictionaries,
/// similarity pairs, parallel sentences. Lines count from 1.
package enum LexiconError: Diagnosable, Equatable {
    /// No entries at all.
    case empty(path: String, expected: String)
    /// One line is not what its format says.
    case malformedLine(path: String, line: Int, expected: String, found: String, advice: String)
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
        case .missingPartner, .nothingFound: .missingInput
        default: .badInput
        }
    }
}

extension LexiconError {
    package var description: String {
        switch self {
        case .empty(let path, let expected):
            return "\(path): expected \(expected), found none; check that the file was fetched completely"
        case .malformedLine(let path, let line, let expected, let found, let advice):
            return "\(path): line \(line): expected \(expected), found \(found); \(advice)"
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
