import ArgumentParser
import Console
import Lookup

/// `query bli`
struct BliCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bli",
        abstract: "Bilingual lexicon induction: exact ranks of gold translations, MRR, precision, coverage.",
        discussion: """
            Every dictionary in the folders whose two languages are stored is scored at every stored layer. A row \
            whose two words are in the vocabularies (as written, else lower-cased) is a query; its gold's rank is \
            found among the whole target vocabulary. Results are kept in the store and not computed again when nothing \
            has changed.

            Example: query bli --dictionaries dictionaries --checkpoint mbert
            """)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Dictionaries: folders of <source>-<target>.test.tsv files or of MUSE's, or files; en-fi=FILE names the "
                + "pair.",
            valueName: "path"), completion: .file())
    var dictionaries: [String]

    @Flag(help: "Stop at the first row that is not two words instead of leaving it out.")
    var strict = false

    @OptionGroup var named: DictionaryOptions

    @Option(help: "cosine, or csls: less for words that are near to everything.")
    var scoring: InductionScoringChoice = .cosine

    @Flag(help: "Subtract each language's mean vector, over its stored vocabulary, before vectors are compared.")
    var center = false

    @Option(
        help: ArgumentHelp(
            "Words of another language in the target vocabulary that stand behind all other candidates: those of the "
                + "query's own language (own), of any stored one (any), or none (off). How many is said."))
    var native: NativeCandidates = .off

    @Option(
        help: ArgumentHelp(
            "Also write every query of every result to this file, tab-separated: rank, gold, the first five, "
                + "frequency ranks. --layers narrows it.",
            valueName: "file"), completion: .file())
    var perQuery: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Dictionaries that choose the layer, for --select-on validation; as --dictionaries.", valueName: "path"),
        completion: .file())
    var validation: [String] = []

    @OptionGroup var options: EvaluationOptions

    func validate() throws {
        if options.selectOn == .validation, validation.isEmpty {
            throw ValidationError(
                "--select-on validation needs --validation with dictionaries of its own: the validation that "
                    + "training.json records scores the last layer alone and chooses none")
        }
        if options.selectOn != .validation, !validation.isEmpty {
            throw ValidationError("--validation is for --select-on validation")
        }
        try named.check(dictionaries)
        if options.part.shard != nil, perQuery != nil {
            throw ValidationError("--per-query is for the command without --shard, after `query merge`")
        }
        if perQuery == "-" {
            throw ValidationError("--per-query wants a file: standard output has the scores")
        }
    }

    func run() throws {
        let entries = try EvaluationDictionary.read(
            dictionaries, dataset: named.dataset, pairs: named.pairs, isStrict: strict)
        let choosing = try EvaluationDictionary.readValidation(validation, isStrict: strict)
        for entry in choosing {
            if let same = entries.first(where: { $0.dictionary.fingerprint == entry.dictionary.fingerprint }) {
                throw QueryError.validationIsScored(
                    path: entry.dictionary.path, dataset: same.dataset, pair: same.dictionary.name)
            }
        }
        let scoring = InductionScoring(scaled: scoring == .csls, centred: center, native: native)
        let validationNames = Set(choosing.map { scoring.dataset($0.dataset) })
        // A file that cannot be made is known before minutes of work.
        let table = try perQuery.map { try PerQueryTable(path: $0, raw: options.csvRaw) }
        try options.evaluate(.bli, validation: validationNames) { run, checkpoints in
            let task = LexiconInductionTask(
                run: run, checkpoints: checkpoints, dictionaries: entries + choosing, scoring: scoring)
            try task.perform()
            run.tellForeign(native, options.output)
            guard let table else { return }
            try table.begin()
            try task.forEachResult(
                nearest: PerQueryTable.shown, where: { !validationNames.contains($0.dataset) }, table.append)
        }
        if let table {
            try table.finish()
            options.output.remark(table.remark)
        }
    }
}

/// `--scoring` of `query bli`
enum InductionScoringChoice: String, ExpressibleByArgument, CaseIterable, Sendable { case cosine, csls }
