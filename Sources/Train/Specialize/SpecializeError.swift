import Console
import Diagnostics

/// What can end a specialisation early, beside faults of files and checkpoints.
enum SpecializeError: Diagnosable, Equatable {
    /// No constraint is left, or none at all; `counts` says where they went.
    case noConstraints(path: String, counts: String)
    /// Every constraint left is of one synset: a batch never has a negative.
    case oneSynset(path: String, synset: String)
    /// Asked for glosses, the table has none.
    case noGlosses(path: String)
    case tooManyConstraints(path: String, limit: Int)
    case badOption(option: String, expected: String, found: String)
    /// `--validation` names a language whose vocabulary is not in `--vocabularies`.
    case noVocabulary(language: String, dictionary: String, folder: String)
    /// No row of a validation dictionary has both words in the vocabularies.
    case nothingToValidate(dictionary: String, path: String, rows: Int, vocabulary: String)
    case repeatedValidation(pair: String)
    /// A loss or a gradient that is not a number.
    case diverged(what: String, step: Int, learningRate: Double, kept: String)
    /// The folder holds a run already.
    case folderInUse(folder: String, what: String)
    case notAFolder(path: String)
    /// A result's folder holds something.
    case occupied(folder: String, name: String)
    /// The run in the folder was started with something else.
    case otherSettings(folder: String, differences: [String])
    case unreadableState(path: String, found: String)
    /// Cells of a search that are not done; `missing` as `sbatch --array` takes it.
    case missingCells(folder: String, missing: String, count: Int, total: Int)

    var exitStatus: ExitStatus {
        switch self {
        case .badOption, .repeatedValidation, .folderInUse, .occupied, .otherSettings: .usage
        case .noVocabulary: .missingInput
        case .missingCells: .tryAgain
        default: .badInput
        }
    }

    var description: String {
        switch self {
        case .noConstraints(let path, let counts):
            "\(path): no constraint to train on (\(counts)); check the file, --exclude and the checkpoint's tokenizer"
        case .oneSynset(let path, let synset):
            "\(path): every constraint is of the synset '\(synset)', expected at least two synsets; the loss needs "
                + "words of other synsets to tell apart"
        case .noGlosses(let path):
            "\(path): --input word-gloss needs glosses, found none; give a table with the columns gloss1 and gloss2 "
                + "(or sent1 and sent2), or train on words alone with --input word"
        case .tooManyConstraints(let path, let limit):
            "\(path): more than \(Quantity.grouped(limit)) constraints; draw a sample with 'train sample'"
        case .badOption(let option, let expected, let found):
            "\(option): expected \(expected), found '\(found)'"
        case .noVocabulary(let language, let dictionary, let folder):
            "--validation \(dictionary): no vocabulary of '\(language)' in \(folder); add \(language).txt (or .vec, "
                + ".gz) or leave the dictionary out"
        case .nothingToValidate(let dictionary, let path, let rows, let vocabulary):
            "\(path): none of the \(Quantity.grouped(rows)) pairs of \(dictionary) has its words in \(vocabulary); "
                + "check that they are of these languages, or raise --validation-top"
        case .repeatedValidation(let pair):
            "--validation: '\(pair)' is given twice; keep one"
        case .diverged(let what, let step, let learningRate, let kept):
            "step \(step): \(what) is not a number any more, at learning rate \(learningRate); \(kept); train again "
                + "with a lower --learning-rate, more --warmup or --clip-norm 1"
        case .folderInUse(let folder, let what):
            "\(folder): holds \(what) already; name another --out, or go on with an interrupted run with --resume"
        case .notAFolder(let path):
            "\(path): expected a folder, found a file; name another --out"
        case .occupied(let folder, let name):
            "\(folder): expected an empty folder or none, found \(name) in it; name another --out"
        case .otherSettings(let folder, let differences):
            "\(folder): the run was started with other settings: \(differences.joined(separator: "; ")); give the same "
                + "ones, or begin another run with another --out"
        case .unreadableState(let path, let found):
            "\(path): expected the state of a run, found \(found); remove the folder and train again"
        case .missingCells(let folder, let missing, let count, let total):
            "\(folder): \(count) of \(total) cells are not done: \(missing); train them (--cell, sbatch "
                + "--array=\(missing)) and run the same command again"
        }
    }
}
