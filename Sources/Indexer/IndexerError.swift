import Diagnostics

/// What can go wrong in the indexer's own work; inputs, checkpoints and stores have errors of their own.
enum IndexerError: Diagnosable, Equatable {
    /// `--layers` names a layer the checkpoint does not have.
    case unknownLayer(checkpoint: String, layer: Int, layerCount: Int)
    case repeatedCheckpoint(name: String)
    case repeatedVocabulary(language: String, first: String, second: String)
    case repeatedSentenceSet(name: String, first: String, second: String)
    /// Weights or a text produce a vector that is zero or not finite.
    case badVector(checkpoint: String, folder: String, collection: String, text: String, layer: Int)
    case notEnoughSpace(folder: String, neededBytes: Int, availableBytes: Int)
    /// A graph that is built over all vectors of a collection.
    case notEnoughMemory(collection: String, rows: Int, neededBytes: Int, limitBytes: Int)
    /// The tokenizer gives an id the weights have no row for.
    case idOutOfRange(folder: String, text: String, id: Int32, vocabularySize: Int)
    /// None of a collection's texts has a vector.
    case nothingToEncode(collection: String, source: String, texts: Int)
    /// A collection of sentences for a format of words.
    case noWordsToExport(collection: String, out: String)
    /// Two layers or collections of one export have the same file.
    case exportedTwice(path: String, first: String, second: String)
    case tooManyTexts(collection: String, count: Int, limit: Int)
    /// `indexer list --fail-if-stale` found some.
    case stale(store: String, count: Int, of: Int)
    /// An option that changes how a folder pools sentences, for a folder that does not say how.
    case nothingToOverride(option: String, folder: String)
    /// `indexer snapshot --out` names something.
    case snapshotExists(path: String)
    /// Another host's builder holds a work folder.
    case workInUse(folder: String, host: String, process: Int)
    /// Vectors that were encoded are gone when they are wanted.
    case vectorsLost(collection: String, layer: Int, row: Int, rows: Int)

    var exitStatus: ExitStatus {
        switch self {
        case .unknownLayer, .repeatedCheckpoint, .repeatedVocabulary, .repeatedSentenceSet, .nothingToOverride,
            .noWordsToExport, .exportedTwice, .snapshotExists:
            .usage
        case .badVector, .idOutOfRange, .tooManyTexts, .nothingToEncode: .badInput
        case .notEnoughSpace, .notEnoughMemory, .vectorsLost: .inputOutput
        case .workInUse: .tryAgain
        case .stale: .failedCheck
        }
    }

    var description: String {
        switch self {
        case .unknownLayer(let checkpoint, let layer, let layerCount):
            "--layers: checkpoint '\(checkpoint)' has layers 0 to \(layerCount), found \(layer); "
                + "0 is the embedding output, \(layerCount) the last block"
        case .repeatedCheckpoint(let name):
            "--checkpoint: the name '\(name)' is given twice; give every checkpoint a name of its own"
        case .repeatedVocabulary(let language, let first, let second):
            "the vocabulary of '\(language)' is given twice: \(first) and \(second); keep one"
        case .repeatedSentenceSet(let name, let first, let second):
            "the sentence set '\(name)' is given twice: \(first) and \(second); keep one"
        case .badVector(let checkpoint, let folder, let collection, let text, let layer):
            "\(folder): checkpoint '\(checkpoint)' gives '\(text)' (\(collection)) a vector at layer \(layer) that is "
                + "zero or not finite; the weights hold NaN or overflow, fetch or train the checkpoint again"
        case .notEnoughSpace(let folder, let needed, let available):
            "\(folder): this build needs about \(Self.megabytes(needed)) MB of disk, \(Self.megabytes(available)) MB "
                + "are free; free some space, store fewer layers (--layers) or a smaller codec (--codec fp16, sq8)"
        case .notEnoughMemory(let collection, let rows, let needed, let limit):
            "\(collection): --codec hnsw builds a graph over all \(rows) vectors of a layer, which takes about "
                + "\(Self.megabytes(needed)) MB of memory, and this process can have \(Self.megabytes(limit)) MB; cut "
                + "the collection into smaller ones, build on a larger machine, or take another --codec: fp16, fp32 "
                + "and sq8 are written in parts"
        case .idOutOfRange(let folder, let text, let id, let vocabularySize):
            "\(folder): the tokenizer gives '\(text)' the id \(id), but the weights have \(vocabularySize) embedding "
                + "rows; tokenizer and weights belong to different models, fetch both again"
        case .nothingToEncode(let collection, let source, let texts):
            "\(source): none of the \(texts) texts (\(collection)) gives a token; check that the file holds words and "
                + "that the tokenizer fits it (`indexer tokenize` shows what it makes of them)"
        case .noWordsToExport(let collection, let out):
            "\(out): \(collection) holds no words, and this format has a word a line; export it as .npy, "
                + "with --texts for its texts"
        case .exportedTwice(let path, let first, let second):
            "\(path): would hold \(first) and \(second); put {layer} or {collection} into the name"
        case .tooManyTexts(let collection, let count, let limit):
            "\(collection): \(count) texts, at most \(limit) fit; split the input or use --top"
        case .stale(let store, let count, let all):
            "\(store): \(count) of \(all) collections are stale: `indexer build` with the same inputs makes them anew"
        case .nothingToOverride(let option, let folder):
            "\(option): \(folder) has no modules.json, so its sentences are pooled as in the paper, which has no "
                + "prompt and no length of its own; say how with --pooling (mean, cls, …)"
        case .snapshotExists(let path):
            "\(path): is there already; name a folder that does not exist, or remove this one"
        case .workInUse(let folder, let host, let process):
            "\(folder): process \(process) on \(host) works in this folder; wait for it and run the same command "
                + "again, or, if that process is gone, remove \(folder)/\(WorkLock.name)"
        case .vectorsLost(let collection, let layer, let row, let rows):
            "\(collection): row \(row) of \(rows) has no vector at layer \(layer) any more: another process has cut "
                + "the unfinished work of this build; nothing of the collection was published, run the same command "
                + "again"
        }
    }

    private static func megabytes(_ bytes: Int) -> Int { (bytes + 999_999) / 1_000_000 }
}

/// What is wrong with a line of a stream.
struct LineError: Diagnosable {
    let name: String
    let line: Int
    let expected: String
    let found: String

    var exitStatus: ExitStatus { .badInput }
    var description: String { "\(name), line \(line): expected \(expected), found \(found)" }
}
