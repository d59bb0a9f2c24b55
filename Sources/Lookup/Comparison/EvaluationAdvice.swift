import Lexicon
import Store
import Files

/// The `query bli` command that makes results a comparison lacks.
struct EvaluationAdvice {
    let folder: String
    let checkpoint: String
    /// Other checkpoints' results of what is missing: one data set, one for each pair, by pair; at least one.
    let known: [ResultRecord]
    /// Whether nothing of the data set is there.
    let isWhole: Bool
    /// nil for all layers that are stored.
    let layers: String?

    var command: String {
        let scoring = InductionScoring.all.first { $0.policy.text == known[0].provenance["policy"] }
        let dataset = scoring?.plainName(of: known[0].dataset) ?? known[0].dataset
        var words = ["query", "bli", "--dictionaries"]
        let folders = Set(known.map { DurableFolder.parent(of: Self.path($0)) })
        let areNamed = known.allSatisfy { DictionaryFolder.file(Self.path($0))?.name == $0.pair }
        if isWhole || known.count > 3, areNamed, folders.count == 1, let folder = folders.first {
            words.append(folder)
            if !isWhole { words += ["--pairs"] + known.map(\.pair) }
            if DatasetName.of(folder) != dataset { words += ["--dataset", dataset] }
        } else if folders.allSatisfy({ DatasetName.of($0) == dataset }) {
            words += known.map { "\($0.pair)=\(Self.path($0))" }
        } else {
            // A data set's own name goes with one file at a time.
            words += ["\(known[0].pair)=\(Self.path(known[0]))", "--dataset", dataset]
        }
        words += ["--checkpoint", checkpoint, "--store", folder]
        if let layers { words += ["--layers", layers] }
        if scoring?.scaled == true { words += ["--scoring", "csls"] }
        if scoring?.centred == true { words.append("--center") }
        if let native = scoring?.native, native != .off { words += ["--native", native.rawValue] }
        return words.map(Self.quoted).joined(separator: " ")
    }

    private static func path(_ record: ResultRecord) -> String { record.provenance["dictionary"] ?? "FILE" }

    /// As a shell takes it.
    static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-_./=:,+@%".utf8.contains(byte)
        }
        return isPlain && !word.isEmpty
            ? word
            : "'"
                + word.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: #"'\''"#) + "'"
    }
}

extension InductionScoring {
    /// The data set's name without what `dataset(_:)` has added.
    func plainName(of dataset: String) -> String {
        let suffix = self.dataset("").utf8
        guard !suffix.isEmpty, dataset.utf8.count > suffix.count,
            dataset.utf8.suffix(suffix.count).elementsEqual(suffix)
        else { return dataset }
        return String(decoding: dataset.utf8.dropLast(suffix.count), as: UTF8.self)
    }
}
