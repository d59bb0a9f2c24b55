import ArgumentParser
import Console
import Lexicon
import Lookup
import Store

/// `query translate`
struct TranslateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "translate",
        abstract: "Nearest words of other languages: of one word, or of lists of them.",
        discussion: """
            A word that is stored is answered from the store alone; another one, or an expression of several words in \
            quotes, is encoded with the checkpoint's folder. Candidates spelled like the query are set apart: \
            vocabularies of other languages are full of English words.

            Example: query translate dog --to fi
            Example: query translate --words list.txt --from en --to fi,de --tsv > answers.tsv
            """)

    @Argument(
        help: ArgumentHelp(
            "What to translate; several words are several questions. '-' stands for the lines of standard input.",
            valueName: "word"))
    var words: [String] = []

    @Option(
        name: .customLong("words"),
        help: ArgumentHelp(
            "More words from a file, one a line; '-' is standard input. Words without a vector are left out and named.",
            valueName: "file"), completion: .file())
    var list: String?

    @Option(
        help: ArgumentHelp(
            "Languages of the answers, as their vocabularies are stored: fi, or fi,de; also repeated.",
            valueName: "language"),
        completion: .storedLanguages)
    var to: [String]

    @Option(
        help: ArgumentHelp(
            "Language of the word; when left out, the stored vocabulary where it is most frequent.",
            valueName: "language"), completion: .storedLanguages)
    var from: String?

    @Option(
        help: ArgumentHelp(
            "Name of a stored checkpoint; needed when there are several. Repeated: answers side by side.",
            valueName: "name"),
        completion: .storedCheckpoints)
    var checkpoint: [String] = []

    @Option(
        help: ArgumentHelp(
            "Layer number, or 'best': the best one known from stored evaluations, else the last.", valueName: "layer"))
    var layer: TranslationLayer.Request = .best

    @Option(help: ArgumentHelp("How many answers.", valueName: "n"))
    var top = 10

    @Option(help: "cosine, or csls: less for words that are near to everything.")
    var scoring: TranslationScoring = .cosine

    @Option(
        help: ArgumentHelp(
            "Lowest score of an answer; a word without one that high is answered 'not sure'.", valueName: "score"))
    var threshold: Double?

    @Option(
        help: ArgumentHelp(
            "Words that are called 'not sure' where their best candidate stands out no more than nonsense's: those "
                + "that are not stored (new), all, or none. Their language must be known."))
    var doubt: Doubt = .new

    @Flag(help: "Rank candidates spelled like the query too.")
    var keepIdentical = false

    @Option(
        help: ArgumentHelp(
            "Words of another language in the target vocabulary that are no answers: those of the query's own language "
                + "(own), of any stored one (any), or none (off). What is left out is said."))
    var native: NativeCandidates = .own

    @OptionGroup var parallelism: ThreadOptions

    @Flag(help: "Write tab-separated values, a row an answer, to standard output and nothing else there.")
    var tsv = false

    @OptionGroup var spreadsheet: SpreadsheetOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...10_000).contains(top) else { throw ValidationError("--top must be 1 to 10000, not \(top)") }
        if let threshold {
            guard threshold.isFinite else { throw ValidationError("--threshold must be a number, not \(threshold)") }
            if scoring == .cosine, abs(threshold) > 1 {
                throw ValidationError("--threshold must be -1 to 1, as cosines are, not \(threshold)")
            }
        }
        if words.contains(where: \.isEmpty) { throw ValidationError("an empty word cannot be translated") }
        if words.isEmpty, list == nil {
            throw ValidationError("nothing to translate: give words, --words FILE, or '-' for standard input")
        }
        if words.filter({ $0 == "-" }).count + (list == "-" ? 1 : 0) > 1 {
            throw ValidationError("standard input ('-') can be read once")
        }
        if targets.contains(where: \.isEmpty) { throw ValidationError("--to: a language's code is empty") }
        if tsv, output.json { throw ValidationError("--tsv and --json both want standard output; give one of them") }
        if spreadsheet.csvRaw, !tsv { throw ValidationError("--csv-raw is about the cells of --tsv") }
    }

    /// Each once, in the order given.
    private var targets: [String] {
        var targets: [String] = []
        for code in to.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }).map(String.init)
        where !targets.contains(code) { targets.append(code) }
        return targets
    }

    func run() throws {
        let store = try Store.open(store.store, mode: .read)
        try question(store)
        let asked = try readWords()
        let bar = asked.count > Self.fewestForProgress && !output.quiet ? progress(asked.count) : nil
        let run = try TranslationRun.answers(
            to: asked, leavingOut: readsLists, progress: { bar?.advance(weight: Double($0), items: $0) },
            make: { try makeTranslators(store) })
        bar?.finish()
        try write(run)
        remarkUnsure(run)
        remarkForeign(run)
        // Answers before the word that failed are answers.
        if let failure = run.failure { throw failure }
        if run.answers.isEmpty {
            throw QueryError.nothingToTranslate(reasons: run.leftOut.map(\.description))
        }
        if !run.leftOut.isEmpty {
            output.remark(
                "query: \(Quantity.grouped(run.leftOut.count)) without an answer: "
                    + run.leftOut.prefix(5).map(\.description).joined(separator: "; ")
                    + (run.leftOut.count > 5 ? "; …" : ""))
        }
    }
}

extension TranslateCommand {
    private static let fewestForProgress = 2000

    private var readsLists: Bool { list != nil || words.contains("-") }

    private func progress(_ count: Int) -> ProgressBar {
        ProgressBar(title: "translating", totalWeight: Double(count), itemUnit: "words")
    }

    private func remarkUnsure(_ run: TranslationRun) {
        let translations = run.answers.flatMap(\.translations)
        let unsure = translations.count(where: \.isUnsure)
        let doubtful = translations.count(where: \.isDoubtful)
        if doubtful > 0, translations.count > 1 || tsv {
            output.remark(
                "query: not sure of \(Quantity.grouped(doubtful)) of \(Quantity.grouped(translations.count)): the best "
                    + "candidate stands out no more than nonsense's (--doubt none does not ask)")
        }
        guard let threshold, unsure > 0, translations.count > 1 else { return }
        output.remark(
            "query: not sure of \(Quantity.grouped(unsure)) of \(Quantity.grouped(translations.count)): no candidate "
                + "scores \(Quantity.fixed(threshold, places: 4)) or more")
    }

    /// TSV has no room for what was left out; tables and JSON say it with each answer.
    private func remarkForeign(_ run: TranslationRun) {
        guard tsv else { return }
        let left = run.answers.flatMap(\.translations).flatMap(\.foreign)
        guard let first = left.first else { return }
        output.remark(
            "query: \(Quantity.counted(left.count, "candidate")) left out as words of another "
                + "language (\(DisplayWidth.printable(first.candidate.word)) of \(first.language)"
                + (left.count > 1 ? ", …" : "") + "); --native off ranks them")
    }

    private func readWords() throws -> [String] {
        var all: [String] = []
        func read(_ path: String) throws {
            let list = try WordList(path: path)
            for remark in list.remarks { output.remark("query: \(remark)") }
            all += list.words
        }
        for word in words {
            if word == "-" { try read(word) } else { all.append(word) }
        }
        if let list { try read(list) }
        if all.isEmpty { throw QueryError.nothingToTranslate(reasons: ["the list holds no word"]) }
        return all
    }

    /// Asks about words that look like values of the option before them.
    private func question(_ store: Store) throws {
        if output.quiet { return }
        let checkpoints = try store.checkpoints().map(\.name)
        let languages = try Set(
            checkpoints.flatMap { try store.collections(checkpoint: $0).compactMap(\.wordLanguage) })
        let arguments = CommandLine.arguments.dropFirst()
        for doubt in DoubtfulWord.find(
            in: Array(arguments), languages: languages.sorted(), checkpoints: checkpoints)
        where words.contains(where: { $0.utf8.elementsEqual(doubt.word.utf8) }) {
            output.remark("query: \(doubt.question)")
        }
    }

    /// Targets in the order asked for, for each the checkpoints.
    private func makeTranslators(_ store: Store) throws -> [Translator] {
        let wantsResults = layer == .best
        let checkpoints =
            checkpoint.isEmpty
            ? [try CheckpointChoice.one(nil, in: store, results: wantsResults)]
            : try CheckpointChoice.several(checkpoint, in: store, results: wantsResults)
        let encoders = checkpoints.map { QueryEncoder($0.record) }
        return try targets.flatMap { target in
            try zip(checkpoints, encoders).map { checkpoint, encoder in
                try Translator(
                    checkpoint: checkpoint, to: target, from: from, layer: layer, scoring: scoring, top: top,
                    keepIdentical: keepIdentical, native: native, threshold: threshold,
                    doubt: doubt, threads: parallelism.threads,
                    encoder: encoder)
            }
        }
    }

    private func write(_ run: TranslationRun) throws {
        let standardOutput = ResultStream.standardOutput
        if tsv { try standardOutput.write(TranslationRows.header) }
        var isFirst = true
        for answer in run.answers {
            if tsv || output.json {
                for translation in answer.translations {
                    if tsv {
                        try standardOutput.write(TranslationRows.rows(of: translation, raw: spreadsheet.csvRaw))
                    } else {
                        try standardOutput.write(TranslationReport(translation).json)
                    }
                }
                continue
            }
            // Checkpoints side by side, languages one below another.
            for group in Self.byLanguage(answer.translations) {
                try standardOutput.write(report: (isFirst ? "" : "\n") + TranslationReport.table(of: group))
                isFirst = false
            }
        }
    }

    /// Consecutive translations into one language, which checkpoints may call by different codes.
    private static func byLanguage(_ translations: [Translation]) -> [[Translation]] {
        var groups: [[Translation]] = []
        for translation in translations {
            if let last = groups.last?.first, LanguageCode.areSame(last.to, translation.to) {
                groups[groups.count - 1].append(translation)
            } else {
                groups.append([translation])
            }
        }
        return groups
    }
}

/// `--layer`
extension TranslationLayer.Request: ExpressibleByArgument {
    public init?(argument: String) {
        if argument == "best" {
            self = .best
        } else if argument.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(argument), number < 1000 {
            self = .number(number)
        } else {
            return nil
        }
    }
}

extension TranslationScoring: ExpressibleByArgument {}
extension Doubt: ExpressibleByArgument {}
extension NativeCandidates: ExpressibleByArgument {}
