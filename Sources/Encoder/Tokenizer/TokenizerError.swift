import Diagnostics

/// What can be wrong with a tokenizer's files.
package enum TokenizerError: Diagnosable {
    /// The folder holds none of the files a tokenizer is read from.
    case unrecognised(folder: String)
    /// A file is well-formed, but asks for something Polylex does not do.
    case unsupported(file: String, found: String, supported: String)
    /// A file cannot be read as what its name says; `place` is a line, a key or a byte.
    case malformed(file: String, place: String, expected: String, found: String)
    /// One of two files that make a tokenizer together is not there.
    case incomplete(file: String, missing: String)
    /// A token without which no sequence can be built.
    case missingToken(file: String, token: String)
    case tooLarge(file: String, what: String, size: UInt64, limit: UInt64)

    package var exitStatus: ExitStatus {
        switch self {
        case .unrecognised, .incomplete: .missingInput
        default: .badInput
        }
    }

    package var description: String {
        switch self {
        case .unrecognised(let folder):
            "\(folder): no tokenizer found; expected tokenizer.json, vocab.txt, sentencepiece.bpe.model, or "
                + "vocab.json and merges.txt; "
                + "copy the tokenizer's files of the checkpoint into this folder"
        case .unsupported(let file, let found, let supported):
            "\(file): \(found) is not supported; supported: \(supported)"
        case .malformed(let file, let place, let expected, let found):
            "\(file): \(place): expected \(expected), found \(found); the file is damaged or of another kind, "
                + "fetch it again"
        case .incomplete(let file, let missing):
            "\(file): \(missing) is missing beside it; the two make a tokenizer together, fetch it too"
        case .missingToken(let file, let token):
            "\(file): the special token '\(token)' is not in the vocabulary; the file is truncated or belongs to "
                + "another tokenizer, fetch it again"
        case .tooLarge(let file, let what, let size, let limit):
            "\(file): \(what) is \(size), more than the \(limit) Polylex accepts; is this the right file?"
        }
    }
}
