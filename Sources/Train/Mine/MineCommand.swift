import ArgumentParser
import Console
import Diagnostics
import Lexicon

/// `train mine`
struct MineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mine",
        abstract: "Makes word pairs with glosses from multilingual synsets.",
        discussion: """
            Synsets come from JSON Lines (.jsonl, Polylex's interchange format), WN-LMF (.xml) or Open Multilingual \
            Wordnet files (.tab), packed or not, or from archives and folders of these; wordnets are joined. \
            Frequency lists are <language>.txt, fastText .vec (also packed) or wordfreq's large_<language>.msgpack.gz. \
            Every rule has a name, is counted in the report, and can be turned off with --without. docs/mining.md \
            describes formats and rules. The table is TSV, or the babelbert-dataset's CSV when --out ends in .csv; .gz \
            compresses.

            Rules: \(MiningRule.allCases.map { "\($0.rawValue) (\($0.summary))" }.joined(separator: "; ")).

            Example: train mine --synsets synsets.jsonl.gz --frequencies vocab --out constraints.tsv
            """)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Files or folders of synsets, read in this order.", valueName: "path"), completion: .file())
    var synsets: [String]

    @Option(help: ArgumentHelp("Folder of frequency lists.", valueName: "folder"), completion: .directory)
    var frequencies: String

    @Option(help: ArgumentHelp("Table to write: .tsv or .csv, also .gz.", valueName: "file"), completion: .file())
    var out: String

    @Option(help: ArgumentHelp("Languages to mine, comma-separated; XTREME-R's 50 when left out.", valueName: "codes"))
    var languages: LanguageList?

    @Option(help: ArgumentHelp("Entries of the English list to take seeds from.", valueName: "n"))
    var seeds = 1000

    @Option(help: ArgumentHelp("How frequent a word must be: among the first n of its list.", valueName: "n"))
    var topK = 15_000

    @Option(help: ArgumentHelp("Glosses a synset must have in the chosen languages.", valueName: "n"))
    var minGlosses = 2

    @Option(help: "What --min-glosses counts: languages (two glosses in one language are one), or glosses.")
    var glossCount: GlossCounting = .languages

    @Option(help: "Which of the glosses that fit: first, or random (drawn with --seed).")
    var glossChoice: GlossChoice.Order = .first

    @Option(help: ArgumentHelp("Seed of --gloss-choice random.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp("Stop words that are no seeds, instead of the built-in list.", valueName: "file"),
        completion: .file())
    var stopwords: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Test sets whose words are left out: dictionaries, similarity pairs, folders.", valueName: "path"),
        completion: .file())
    var exclude: [String] = []

    @Option(help: "Where a test word is banned: in its own language, any case; or everywhere, as written.")
    var excludeScope: ExcludedWords.Scope = .language

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Rules to turn off, by name.", valueName: "rule"))
    var without: [MiningRule] = []

    @Option(help: ArgumentHelp("Lemma sources that are automatic translations.", valueName: "names"))
    var automaticSources: String = MiningPlan.automaticSourceNames.sorted().joined(separator: ",")

    @Option(help: ArgumentHelp("Lemma sources that are redirects.", valueName: "names"))
    var redirectSources: String = MiningPlan.redirectSourceNames.sorted().joined(separator: ",")

    @Option(
        help: ArgumentHelp(
            "Pairs the rule against duplicates keeps in memory; more wait in scratch files beside --out.",
            valueName: "n"))
    var pairsInMemory = MiningPlan.defaultPairsInMemory

    @Flag(help: "Stop at the first bad row (of --exclude dictionaries, too) instead of skipping and counting it.")
    var strict = false

    @OptionGroup var spreadsheet: SpreadsheetOptions
    @OptionGroup var output: OutputOptions

    /// `--gloss-count`
    enum GlossCounting: String, ExpressibleByArgument, CaseIterable, Sendable { case languages, glosses }

    func validate() throws {
        if synsets.isEmpty { throw ValidationError("--synsets needs a file or folder") }
        guard seeds > 0 else { throw ValidationError("--seeds must be positive, not \(seeds)") }
        guard topK > 0 else { throw ValidationError("--top-k must be positive, not \(topK)") }
        guard pairsInMemory >= 0 else {
            throw ValidationError("--pairs-in-memory must not be negative, not \(pairsInMemory)")
        }
        guard minGlosses >= 0 else { throw ValidationError("--min-glosses must not be negative, not \(minGlosses)") }
    }

    func run() throws {
        StopRequest.install()
        let started = monotonicSeconds()
        let (plan, lists) = try prepare()
        var run = MiningRun(
            miner: SynsetMiner(plan), strict: strict, remark: { output.remark($0) })
        run.miner.count(lists.stopWords, of: .stopwords)
        run.miner.count(lists.composedEntries, of: .normalForms)
        let writer = try ConstraintWriter(path: out, marksFormulas: !spreadsheet.csvRaw)
        try run.read(SynsetFiles.open(synsets), into: writer)
        try run.miner.finish(emit: writer.write)
        let report = MiningReport(
            tally: run.miner.tally, rules: plan.rules, lists: lists, out: out, replacedCells: writer.replacedCells,
            elapsedSeconds: monotonicSeconds() - started)
        guard run.miner.tally.pairs > 0 else {
            let stream = ResultStream.standardOutput
            try output.json ? stream.write(report.json.line + "\n") : stream.write(report: report.text)
            throw TrainError.nothingMined(synsets: run.miner.tally.synsets)
        }
        try writer.finish()
        if writer.markedCells > 0 { output.remark(spreadsheet.remark(cells: writer.markedCells)) }
        let stream = ResultStream.standardOutput
        try output.json ? stream.write(report.json.line + "\n") : stream.write(report: report.text)
    }

    /// Reads everything that is small: lists, stop words, test words.
    private func prepare() throws -> (MiningPlan, MiningLists) {
        let languages = try (self.languages ?? .xtremeR).checked(option: "--languages")
        var plan = MiningPlan(languages: languages)
        plan.rules.subtract(without)
        plan.minimalGlosses = minGlosses
        plan.countsGlossLanguages = glossCount == .languages
        plan.glossOrder = glossChoice
        plan.seed = seed
        plan.pairsInMemory = pairsInMemory
        plan.scratchFolder = out.lastIndex(of: "/").map { $0 == out.startIndex ? "/" : String(out[..<$0]) } ?? "."
        plan.automaticSources = Self.names(automaticSources)
        plan.redirectSources = Self.names(redirectSources)
        let folder = try FrequencyFolder(frequencies)
        var lists = MiningLists()
        if plan.rules.contains(.seeds) {
            guard let path = folder.path(of: "en") else { throw TrainError.noSeedList(folder: frequencies) }
            let stop: TextIndex? =
                plan.rules.contains(.stopwords)
                ? try stopwords.map { try EnglishStopWords.read(path: $0) } ?? EnglishStopWords.index : nil
            let words = SeedWords(
                entries: try FrequencyFolder.read(path: path, language: "en", top: seeds), stopWords: stop)
            guard words.index.count > 0 else { throw TrainError.noSeeds(path: path) }
            plan.seeds = words.index
            lists.seeds = words.index.count
            lists.stopWords = words.stopWords
        }
        let composes = plan.rules.contains(.normalForms)
        if plan.rules.contains(.frequency) {
            for language in languages {
                if let path = folder.path(of: language) {
                    let (index, composed) = MiningPlan.index(
                        try FrequencyFolder.read(path: path, language: language, top: topK), composes: composes)
                    plan.frequent[language] = index
                    lists.composedEntries += composed
                } else {
                    lists.languagesWithoutList.append(language)
                }
            }
            if plan.frequent.isEmpty { throw TrainError.noLists(folder: frequencies) }
            lists.languagesWithoutList.sort()
            if !lists.languagesWithoutList.isEmpty {
                output.remark(
                    "no frequency list, so no words: \(lists.languagesWithoutList.joined(separator: " "))")
            }
        }
        plan.excluded = ExcludedWords(scope: excludeScope, composes: composes)
        for path in exclude { try TestSetWords.read(path, isStrict: strict, into: &plan.excluded) }
        lists.excludedWords = plan.excluded.count
        lists.composedEntries += plan.excluded.composedCount
        return (plan, lists)
    }

    private static func names(_ text: String) -> Set<String> {
        Set(text.lowercased().split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init))
    }
}
