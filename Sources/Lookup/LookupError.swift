import Diagnostics
import Store

/// What can keep a question from being answered.
package enum LookupError: Diagnosable, Equatable {
    /// A store without a single checkpoint.
    case emptyStore(folder: String)
    /// Several checkpoints are stored and the question is for one.
    case severalCheckpoints(folder: String, names: [String])
    case unknownLanguage(folder: String, checkpoint: String, language: String, known: [String])
    /// Words that were encoded with other weights than the checkpoint's newest collections.
    case staleCollection(folder: String, checkpoint: String, collection: String)
    /// A dictionary of a language with itself.
    case sameLanguage(folder: String, language: String, other: String)
    case unknownPair(folder: String, name: String, known: [String])
    /// Layers were asked for and none of them is stored.
    case noSuchLayer(checkpoint: String, what: String, layers: [Int], known: [Int])
    /// The folder the store was built from holds another checkpoint now.
    case checkpointChanged(name: String, folder: String, expected: String, found: String)
    /// Its sentence-transformers files ask for other Dense modules now.
    case denseChanged(name: String, folder: String, expected: String, found: String)
    /// Collections that were asked to be compared were pooled in different ways.
    case mixedPooling(checkpoint: String, first: String, second: String)
    /// A pooling that another version wrote.
    case unknownPooling(checkpoint: String, pooling: String)
    /// A text that the checkpoint's tokenizer makes nothing of.
    case noVector(text: String, checkpoint: String, reason: String)
    /// CSLS needs the neighbourhood of candidates in the query's language.
    case sourceNeeded(text: String, known: [String])
    /// None of the checkpoints has a result of `bli` over what is stored now.
    case nothingToCompare(folder: String, checkpoints: [String])
    /// A data set or pair that none of the checkpoints has a result of.
    case notEvaluated(folder: String, kind: String, name: String, known: [String])
    /// One of the checkpoints has no result, or none with ranks, of what another has one of.
    /// - Parameters:
    ///   - layer: nil when nothing of the data set is there to choose one by.
    ///   - evaluated: the layers the checkpoint has results of the data set at.
    ///   - command: what makes the results.
    case notComparedYet(
        folder: String, checkpoint: String, dataset: String, layer: String?, evaluated: [String], pairs: [String],
        command: String)
    /// Two checkpoints were asked different questions, or among different words.
    case incomparable(folder: String, first: String, second: String, differences: [String])

    package var exitStatus: ExitStatus {
        switch self {
        case .severalCheckpoints, .sourceNeeded, .sameLanguage: .usage
        case .noVector, .incomparable, .mixedPooling, .unknownPooling: .badInput
        case .checkpointChanged, .denseChanged, .emptyStore, .staleCollection, .unknownLanguage, .unknownPair,
            .noSuchLayer,
            .nothingToCompare, .notEvaluated, .notComparedYet:
            .missingInput
        }
    }

    package var description: String {
        switch self {
        case .emptyStore(let folder):
            "\(folder): the store holds no checkpoint yet; build one with `indexer build --store \(folder) …`"
        case .severalCheckpoints(let folder, let names):
            "\(folder): holds \(names.count) checkpoints, say which with --checkpoint: \(names.joined(separator: ", "))"
        case .unknownLanguage(let folder, let checkpoint, let language, let known):
            "\(folder): checkpoint '\(checkpoint)' has no words in '\(language)'"
                + Self.hint(for: language, among: known, nothing: "no vocabulary is stored")
                + "; add it with `indexer build --checkpoint \(checkpoint)=… --vocabulary \(language)=FILE`"
        case .staleCollection(let folder, let checkpoint, let collection):
            "\(folder): \(collection) was encoded with earlier weights of '\(checkpoint)' and cannot be compared with "
                + "what was built since; build it again with `indexer build`"
        case .sameLanguage(let folder, let language, let other):
            "\(folder): '\(language)' and '\(other)' are the same vocabulary; --from and --to want two languages"
        case .unknownPair(let folder, let name, let known):
            "\(folder): no pair '\(name)'"
                + Self.hint(for: name, among: known, nothing: "there is none", there: "there are")
        case .noSuchLayer(let checkpoint, let what, let layers, let known):
            "\(checkpoint) \(what): layer \(Self.list(layers)) asked for, stored: "
                + (known.isEmpty ? "none" : Self.list(known)) + "; add layers with `indexer build --layers …`"
        case .checkpointChanged(let name, let folder, let expected, let found):
            "\(folder): holds another checkpoint than the one '\(name)' was stored from "
                + "(fingerprint expected \(expected), found \(found)), so new texts cannot be encoded to match; "
                + "restore the folder, or build '\(name)' again"
        case .denseChanged(let name, let folder, let expected, let found):
            "\(folder): the Dense modules are not those '\(name)' was stored with (expected \(expected), found "
                + "\(found)), so new texts cannot be encoded to match; restore the folder, or build '\(name)' again"
        case .mixedPooling(let checkpoint, let first, let second):
            "\(checkpoint): \(first) and \(second) were made into vectors in different ways and cannot be compared; "
                + "build both with the same --pooling, --word-pooling, --prompt and --maximum-length"
        case .unknownPooling(let checkpoint, let pooling):
            "\(checkpoint): words are stored with a pooling this version does not compute (\(pooling)); use the "
                + "version that built them, or build them again"
        case .noVector(let text, let checkpoint, let reason):
            "'\(text)' has no vector: \(reason) under the tokenizer of '\(checkpoint)'; check the spelling"
        case .sourceNeeded(let text, let known):
            "--scoring csls compares with the words of the query's own language, and '\(text)' is stored in none; "
                + "say which with --from: \(known.joined(separator: ", "))"
        case .nothingToCompare(let folder, let checkpoints):
            "\(folder): no result of `query bli` over what is stored now for \(checkpoints.joined(separator: ", ")); "
                + "run `query bli --dictionaries … --checkpoint \(checkpoints.joined(separator: " ")) "
                + "--store \(folder)`"
        case .notEvaluated(let folder, let kind, let name, let known):
            "\(folder): no result of a \(kind) '\(name)'"
                + Self.hint(for: name, among: known, nothing: "there is none", there: "there are")
        case .notComparedYet(
            let folder, let checkpoint, let dataset, let layer, let evaluated, let pairs, let command):
            "\(folder): '\(checkpoint)' has no result of \(dataset) "
                + pairs.prefix(5).joined(separator: ", ") + (pairs.count > 5 ? " and \(pairs.count - 5) more" : "")
                + (layer.map { " at layer \($0)" } ?? "") + " over what is stored now"
                + (evaluated.isEmpty ? "" : " (there are results at: \(evaluated.joined(separator: ", ")))")
                + "; make it with\n  \(command)\n"
                + "  or leave it out with --datasets or --pairs"
        case .incomparable(let folder, let first, let second, let differences):
            "\(folder): '\(first)' and '\(second)' were evaluated on different data, so their queries differ:"
                + differences.prefix(10).map { "\n  " + $0 }.joined()
                + (differences.count > 10 ? "\n  and \(differences.count - 10) more like these" : "")
                + "\n  build and evaluate both from the same files, or compare other pairs with --pairs"
        }
    }

    private static func list(_ layers: [Int]) -> String { layers.map(String.init).joined(separator: ", ") }

    private static func hint(
        for name: String, among known: [String], nothing: String, there: String = "stored"
    ) -> String {
        if known.isEmpty { return "; \(nothing)" }
        let near = NearestName.of(name, among: known).map { "; did you mean '\($0)'?" } ?? ""
        let shown = known.prefix(40).joined(separator: ", ")
        return "\(near); \(there): \(shown)\(known.count > 40 ? " and \(known.count - 40) more" : "")"
    }
}
