import Diagnostics

/// What can be wrong with a file before anything is known of what it should say: not there, not of its kind, cut short,
/// not text.
///
/// Lines count from 1; byte offsets count from 0, in the decompressed data unless the case says otherwise.
package enum FileError: Diagnosable, Equatable {
    case missing(path: String)
    /// A folder, socket or the like where a file was expected, or a file where a folder was.
    case wrongKind(path: String, expected: String, found: String)
    case empty(path: String, expected: String)
    case tooLarge(path: String, bytes: Int, limit: Int)
    /// A symbolic link where none is followed.
    case link(path: String)
    /// A name, read from a file or given, that leads out of its folder.
    case leavesFolder(folder: String, name: String)

    /// The compressed data ends before its end mark; offset in the compressed file.
    case truncatedGzip(path: String, offset: Int)
    /// The compressed data is damaged; offset in the compressed file.
    case damagedGzip(path: String, offset: Int, reason: String)
    /// Something that is not gzip follows the compressed data; offset in the compressed file.
    case trailingGarbage(path: String, offset: Int)

    /// The name ends as packed files' names do, the contents are not packed.
    case notPacked(path: String, ending: String, found: String)
    /// Packed data is damaged, ends too early or is of a kind that is not read.
    case damaged(path: String, kind: ContentKind, reason: String)
    /// Packed with a window larger than unpacking is given memory for.
    case largeWindow(path: String, kind: ContentKind)
    /// What was unpacked is packed again.
    case packedTwice(path: String, kind: ContentKind)
    /// An archive without a file in it.
    case noMember(path: String, kind: ContentKind)
    /// What nobody meant to give: a git-lfs pointer, a web page, a binary model where text belongs.
    case foreign(path: String, kind: ContentKind)

    case lineTooLong(path: String, line: Int, limitBytes: Int)
    case mixedLineEnds(path: String, line: Int)
    case notUTF8(path: String, line: Int, offset: Int, found: String)

    /// A file of a binary format, or one key of a document, is not what its format says; `place` is "byte 12" or "key
    /// model.vocab, byte 12".
    case malformed(path: String, place: String, expected: String, found: String, advice: String)

    package var exitStatus: ExitStatus {
        switch self {
        case .missing: .missingInput
        default: .badInput
        }
    }

    /// Whether the error is about one line, after which reading may go on.
    package var isOfOneLine: Bool {
        switch self {
        case .notUTF8, .lineTooLong, .mixedLineEnds: true
        default: false
        }
    }

    package static func malformed(
        path: String, offset: Int, expected: String, found: String, advice: String
    ) -> FileError {
        .malformed(path: path, place: "byte \(offset)", expected: expected, found: found, advice: advice)
    }
}

extension FileError {
    package var description: String {
        switch self {
        case .missing(let path):
            return "\(path): no such file or folder; check the path"
        case .wrongKind(let path, let expected, let found):
            return "\(path): expected \(expected), found \(found); check the path"
        case .empty(let path, let expected):
            return "\(path): expected \(expected), found an empty file; fetch it again"
        case .tooLarge(let path, let bytes, let limit):
            return "\(path): expected at most \(limit) bytes, found \(bytes); is this the right file?"
        case .link(let path):
            return
                "\(path): expected the file or folder itself, found a symbolic link; links are not followed here, "
                + "because they may lead anywhere: remove the link, or put what it leads to in its place"
        case .leavesFolder(let folder, let name):
            return "\(folder): expected the name of something in this folder, found '\(name)', which may lead out of it"
        case .notPacked(let path, let ending, let found):
            return "\(path): expected packed data as the name says, found a file that starts with \(found); "
                + "fetch it again, or drop \(ending) from its name if it is plain text"
        case .damaged(let path, let kind, let reason):
            return
                "\(path): the \(kind.rawValue) data cannot be unpacked (\(reason)); "
                + "it was cut short or damaged, fetch it again"
        case .largeWindow(let path, let kind):
            return
                "\(path): the \(kind.rawValue) data was packed with a window of more than 128 MiB, which is not given "
                + "memory for; unpack it by hand, or pack it without --long"
        case .packedTwice(let path, let kind):
            return "\(path): what is unpacked is \(kind.rawValue) data again; unpack it once by hand"
        case .noMember(let path, let kind):
            return "\(path): expected a file in the \(kind.rawValue) archive, found none; fetch it again"
        case .foreign(let path, let kind):
            return "\(path): \(Self.explanation(of: kind, path: path))"
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
                + "convert the file with iconv -f ISO-8859-1 -t UTF-8 if it is Latin-1, or drop what is no UTF-8 with "
                + "iconv -f UTF-8 -t UTF-8 -c; 'indexer build --skip-bad-lines' leaves such lines out"
        case .malformed(let path, let place, let expected, let found, let advice):
            return "\(path): \(place): expected \(expected), found \(found); \(advice)"
        }
    }

    /// What it is, and what to do.
    private static func explanation(of kind: ContentKind, path: String) -> String {
        switch kind {
        case .gitLFSPointer:
            return
                "this is a git-lfs pointer and not the file itself; run 'git lfs install' and 'git lfs pull' "
                + "in its folder, or download the file from the repository's page"
        case .webPage:
            return
                "this is a web page, which a server sends when the file is not at that address; "
                + "download it from the right one"
        case .serverMessage:
            return
                "this is a server's message that it does not send the file (not there, or not without a login), and "
                + "not the file itself; read it, and download the file again"
        case .fastTextModel:
            return
                "this is a fastText model (.bin), which is not read; take the word vectors as text, the .vec beside it"
        case .utf16: return "this is UTF-16 text; convert it with iconv -f UTF-16 -t UTF-8 '\(path)' > NEW"
        case .sevenZip: return "this is a 7-zip archive, which is not read; unpack it with 7z x"
        case .rar: return "this is a RAR archive, which is not read; unpack it with unrar x"
        case .lz4: return "this is lz4 data, which is not read; unpack it with lz4 -d"
        case .compress: return "this is compress data (.Z), which is not read; unpack it with gzip -d"
        case .pdf, .parquet, .hdf5, .numpy: return "this is a \(kind.rawValue) file; expected text, save it as such"
        case .gzip, .bzip2, .xz, .zstandard, .zip, .tar:
            return "this is \(kind.rawValue) data, which is not read here; unpack it first"
        }
    }
}
