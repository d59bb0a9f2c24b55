import Diagnostics

/// What can be wrong with a tokenizer's files.
package enum TokenizerError: Diagnosable {
    case unrecognised(folder: String)

    package var exitStatus: ExitStatus { .badInput }

    package var description: String {
        switch self {
        case .unrecognised(let folder):
            "\(folder): no tokenizer found; expected vocab.txt, tokenizer.json or sentencepiece.bpe.model"
        }
    }
}
