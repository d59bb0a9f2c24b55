import ArgumentParser
import Console
import Evaluation
import Files
import Lookup
import Store

/// `query induce`
struct InduceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "induce",
        abstract: "A whole dictionary of two stored vocabularies, from their vectors alone.",
        discussion: """
            Every word of the source vocabulary meets every word of the target vocabulary; kept are the pairs that are \
            each other's nearest (mutual), or every source word with its nearest target (forward). The file has two \
            columns, as MUSE and VecMap write and read dictionaries, and `query bli --dictionaries` does; --scores \
            adds a third.

            Example: query induce --from en --to fi --checkpoint mbert --out en-fi.tsv
            """)

    @Option(
        help: ArgumentHelp("Language of the first column.", valueName: "language"), completion: .storedLanguages)
    var from: String

    @Option(
        help: ArgumentHelp("Language of the second column.", valueName: "language"), completion: .storedLanguages)
    var to: String

    @Option(
        help: ArgumentHelp(
            "File to write the pairs to, tab-separated, gzip when it ends in .gz; '-' is standard output.",
            valueName: "file"), completion: .file())
    var out: String

    @Option(
        help: ArgumentHelp("Name of a stored checkpoint; needed when there are several.", valueName: "name"),
        completion: .storedCheckpoints)
    var checkpoint: String?

    @Option(
        help: ArgumentHelp(
            "Layer number, or 'best': the best one known from stored evaluations, else the last.", valueName: "layer"))
    var layer: TranslationLayer.Request = .best

    @Option(help: "csls: less for words that are near to everything; or cosine.")
    var scoring: TranslationScoring = .csls

    @Option(help: "Which pairs are kept: those nearest in both directions, or one for every source word.")
    var select: InducedDictionary.Selection = .mutual

    @Option(
        help: ArgumentHelp("Only the n most frequent words of each side; all when left out.", valueName: "n"))
    var top: Int?

    @Flag(help: "Write scores as a third column.")
    var scores = false

    @Flag(help: "Leave out pairs of words that are spelled alike, apart from case.")
    var dropIdentical = false

    @OptionGroup var parallelism: ThreadOptions

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let top, top < 1 { throw ValidationError("--top must be at least 1, not \(top)") }
        if output.json, out == "-" {
            throw ValidationError("--json and --out - both want standard output; give --out a file")
        }
    }

    func run() throws {
        let store = try Store.open(store.store, mode: .read)
        // A file that cannot be made is known before minutes of work.
        let file = out == "-" ? nil : try OutputFile(path: out)
        StopRequest.install()
        let (induction, found) = try Store.onFreshSnapshot {
            let induction = try DictionaryInduction(
                checkpoint: CheckpointChoice.one(checkpoint, in: store, results: layer == .best), from: from, to: to,
                layer: layer,
                settings: .init(
                    scoring: scoring, selection: select, top: top, dropsIdentical: dropIdentical,
                    threads: parallelism.threads))
            let bar =
                output.quiet
                ? nil : ProgressBar(title: "inducing", totalWeight: Double(induction.steps), itemUnit: "words")
            let found = try induction.entries { count in
                bar?.advance(weight: Double(count), items: count)
                if StopRequest.isMade { throw ConsoleError.stopped(advice: "the same command begins anew") }
            }
            bar?.finish()
            return (induction, found)
        }
        guard !found.entries.isEmpty else {
            throw QueryError.nothingInduced(
                from: from, to: to, sources: induction.sourceCount, targets: induction.targetCount,
                spelledAlike: found.spelledAlike)
        }
        let withSpaces = try write(found.entries, to: file)
        try report(induction, found, withSpaces: withSpaces)
    }
}

extension InduceCommand {
    /// - Parameter file: nil for standard output.
    /// - Returns: how many pairs hold a word with a space.
    private func write(_ entries: [DictionaryInduction.Entry], to file: OutputFile?) throws -> Int {
        var withSpaces = 0
        for entry in entries {
            if entry.source.utf8.contains(0x20) || entry.target.utf8.contains(0x20) { withSpaces += 1 }
            var line = "\(entry.source)\t\(entry.target)"
            if scores { line += "\t\(JSONValue.number(entry.score).line)" }
            line += "\n"
            if let file { try file.append(line) } else { try ResultStream.standardOutput.write(line) }
        }
        try file?.finish()
        return withSpaces
    }

    private func report(
        _ induction: DictionaryInduction, _ found: (entries: [DictionaryInduction.Entry], spelledAlike: Int),
        withSpaces: Int
    ) throws {
        if found.spelledAlike > 0 {
            output.remark(
                "query: \(Quantity.counted(found.spelledAlike, "pair is", "pairs are")) spelled alike"
                    + (dropIdentical
                        ? " and left out"
                        : ": vocabularies hold words of other languages; --drop-identical leaves them out"))
        }
        if withSpaces > 0 {
            output.remark(
                "query: \(Quantity.counted(withSpaces, "pair holds", "pairs hold")) expressions with spaces; MUSE's "
                    + "and VecMap's readers split at spaces, too")
        }
        let count = found.entries.count
        if output.json {
            try ResultStream.standardOutput.write([
                "out": .text(out), "from": .text(from), "to": .text(to), "checkpoint": .text(induction.checkpointName),
                "layer": .integer(induction.layer.number), "scoring": .text(scoring.rawValue),
                "selection": .text(select.rawValue), "sources": .integer(induction.sourceCount),
                "targets": .integer(induction.targetCount), "pairs": .integer(count),
                "spelled_alike": .integer(found.spelledAlike),
            ])
        } else if out != "-" {
            try ResultStream.standardOutput.write(
                report:
                    "\(out): \(Quantity.counted(count, "pair")) of \(Quantity.grouped(induction.sourceCount)) \(from) "
                    + "and \(Quantity.grouped(induction.targetCount)) \(to) words · \(induction.checkpointName) · "
                    + "layer \(induction.layer.number) · \(scoring.rawValue), \(select.rawValue)\n")
        }
    }
}

extension InducedDictionary.Selection: ExpressibleByArgument {}
