import Diagnostics

/// What can be wrong with a tokenizer's files.
package enum TokenizerError: Diagnosable {
    /// The folder holds none of the files a tokenizer is read from.
    case unrecognised(folder: String)
    /// A file is well-formed, but asks for something Polylex does not do.
    case unsupported(file: String, found: String, supported: String)
    /// A file cannot be read as what its name says; `place` is a line, a key or a byte.
    case malformed(file: String, place: String, expected: String, found: String)
    /// Two entries of a vocabulary have the same bytes; places are lines or ids.
    case duplicatePiece(file: String, piece: String, first: String, second: String)
    /// A token without which no sequence can be built.
    case missingToken(file: String, token: String)
    case tooLarge(file: String, what: String, size: UInt64, limit: UInt64)

    package var exitStatus: ExitStatus {
        switch self {
        case .unrecognised: .missingInput
        default: .badInput
        }
    }

    package var description: String {
        switch self {
        case .unrecognised(let folder):
            "\(folder): no tokenizer found; expected tokenizer.json, vocab.txt or sentencepiece.bpe.model; "
                + "copy the tokenizer's files of the checkpoint into this folder"
        case .unsupported(let file, let found, let supported):
            "\(file): \(found) is not supported; supported: \(supported)"
        case .malformed(let file, let place, let expected, let found):
            "\(file): \(place): expected \(expected), found \(found); the file is damaged or of another kind, "
                + "fetch it again"
        case .duplicatePiece(let file, let piece, let first, let second):
            "\(file): \(second): the piece '\(piece)' is there already (\(first)); every piece has one id, "
                + "fetch the file again"
        case .missingToken(let file, let token):
            "\(file): the special token '\(token)' is not in the vocabulary; the file is truncated or belongs to another "
                + "tokenizer, fetch it again"
        case .tooLarge(let file, let what, let size, let limit):
            "\(file): \(what) is \(size), more than the \(limit) Polylex accepts; is this the right file?"
        }
    }
}
