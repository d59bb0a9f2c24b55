import Foundation

@testable import Encoder
@testable import Files
@testable import Lexicon
@testable import Store

/// One format: the file it is read from, what has to lie around that file, and how it is read to its end.
struct Target {
    /// Where the bytes are put.
    let file: (_ folder: String) -> String
    /// Makes what lies around the file, once; the file it leaves, if any, is a seed.
    let prepare: ((_ folder: String) throws -> Void)?
    let read: (_ folder: String, _ path: String) throws -> Void

    init(
        file: @escaping (String) -> String, prepare: ((String) throws -> Void)? = nil,
        read: @escaping (String, String) throws -> Void
    ) {
        (self.file, self.prepare, self.read) = (file, prepare, read)
    }

    /// A file that stands alone.
    init(name: String, read: @escaping (String, String) throws -> Void) {
        self.init(file: { "\($0)/\(name)" }, read: read)
    }
}

enum Targets {
    nonisolated(unsafe) static let all: [String: Target] = [
        "safetensors": Target(name: "model.safetensors") { _, path in
            _ = try SafetensorsFile(path: path).entries.values.reduce(0) { $0 &+ $1.range.count }
        },
        "pickle": Target(name: "data.pkl") { _, path in
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            do {
                _ = try bytes.withUnsafeBytes { try StateDictionaryUnpickler.read($0) }
            } catch let fault as StateDictionaryUnpickler.Fault {
                throw CheckpointError.stateDictionary(path: path, reason: fault.reason)
            }
        },
        "torch": Target(name: "pytorch_adapter.bin") { _, path in
            _ = try StateDictionaryFile(path: path).entries.values.reduce(0) { $0 &+ $1.range.count }
        },
        "configuration": Target(name: "config.json") { folder, _ in _ = try ConfigurationFile.read(folder: folder) },
        "json": Target(name: "any.json") { _, path in _ = try JSONReader.read(path) { try $0.value() } },
        "tokenizer": Target(name: "tokenizer.json") { folder, _ in try tokenize(folder) },
        "vocabulary": Target(name: "vocab.txt") { folder, _ in try tokenize(folder) },
        "vectors": Target(name: "en.vec") { _, path in _ = try VocabularyReader.read(path: path, language: "en") },
        "words": Target(name: "en.txt.gz") { _, path in _ = try VocabularyReader.read(path: path, language: "en") },
        "wordnet": Target(name: "wordnet.xml") { _, path in try synsets(path) },
        "synsets": Target(name: "synsets.jsonl") { _, path in try synsets(path) },
        "constraints": Target(name: "constraints") { _, path in
            let reader = try ConstraintReader(path: path)
            while try reader.nextCells() != nil {}
        },
        "faiss": Target(name: "layer.faiss") { _, path in
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            _ = try bytes.withUnsafeBytes { try FaissHeader(parsing: $0, path: path) }
        },
    ].merging(StoreTargets.all) { own, _ in own }

    private static func tokenize(_ folder: String) throws {
        let tokenizer = try TokenizerFolder.load(folder)
        for text in ["kissa xx##yy [MASK] Ünïcode 漢字", "", "\u{1F600}\u{200D}\u{FE0F}"] {
            var text = text
            _ = text.withUTF8 { SequenceBuilder.single(tokenizer, utf8: $0, maximumLength: 64) }
        }
    }

    private static func synsets(_ path: String) throws {
        let reader = try SynsetFiles.open([path])
        while true {
            do {
                guard try reader.next() != nil else { return }
            } catch is SkippableFault {
                continue
            }
        }
    }
}
