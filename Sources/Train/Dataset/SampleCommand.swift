import ArgumentParser
import Console
import Lexicon

#if canImport(Glibc)
import Glibc
#endif

/// `train sample`
struct SampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Draws a sample of a constraints table.",
        discussion: """
            --size keeps the proportions of the language pairs and gives exactly that many rows; --per-pair gives \
            every pair of the languages, each with itself included, the same number. Rows are drawn without \
            replacement, stay in the table's order, and are the same for the same table and seed. The sample is TSV, \
            or the babelbert-dataset's CSV when --out ends in .csv; .gz compresses. The table is read twice, so it \
            cannot be a pipe.

            Example: train sample constraints.tsv --out small.tsv --size 10000
            """)

    @Argument(
        help: ArgumentHelp("Table of constraints: TSV or CSV, also gzip.", valueName: "table"), completion: .file())
    var table: String

    @Option(help: ArgumentHelp("Table to write: .tsv or .csv, also .gz.", valueName: "file"), completion: .file())
    var out: String

    @Option(help: ArgumentHelp("Rows of the sample, in the table's proportions.", valueName: "n"))
    var size: Int?

    @Option(help: ArgumentHelp("Rows of every language pair.", valueName: "n"))
    var perPair: Int?

    @Option(
        help: ArgumentHelp(
            "Only pairs of these languages, comma-separated; all of the table when left out.", valueName: "codes"))
    var languages: LanguageList?

    @Flag(help: "With --per-pair: take what a pair has when it has fewer, instead of refusing.")
    var allowShort = false

    @Option(help: ArgumentHelp("Seed of the draw.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("Language pairs to show, most rows first; --json has all.", valueName: "n"))
    var top = 20

    @OptionGroup var spreadsheet: SpreadsheetOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        switch (size, perPair) {
        case (nil, nil): throw ValidationError("--size or --per-pair is needed")
        case (.some, .some): throw ValidationError("--size and --per-pair exclude each other")
        case (let size?, nil) where size < 1: throw ValidationError("--size must be positive, not \(size)")
        case (nil, let perPair?) where perPair < 1:
            throw ValidationError("--per-pair must be positive, not \(perPair)")
        default: break
        }
        if allowShort && perPair == nil { throw ValidationError("--allow-short goes with --per-pair") }
        guard top >= 0 else { throw ValidationError("--top must not be negative, not \(top)") }
    }

    func run() throws {
        StopRequest.install()
        let started = monotonicSeconds()
        let wanted = try languages?.checked(option: "--languages")
        if Self.areSame(table, out) { throw TrainError.sameFile(path: out) }
        guard Self.isReadableTwice(table) else {
            throw TrainError.unknownInput(
                path: table, expected: "a file (the table is read twice, and a pipe gives its rows once)")
        }
        let (statistics, rows) = try count()
        let plan = try plan(for: statistics, languages: wanted)
        let writer = try ConstraintWriter(path: out, marksFormulas: !spreadsheet.csvRaw)
        try copy(plan, into: writer)
        try writer.finish()
        if writer.replacedCells > 0 {
            output.remark("\(Quantity.counted(writer.replacedCells, "cell")): a tab or line end became a space")
        }
        if writer.markedCells > 0 { output.remark(spreadsheet.remark(cells: writer.markedCells)) }
        let report = SampleReport(
            path: table, out: out, rows: rows, plan: plan, perPair: perPair, seed: seed, shownPairs: top,
            elapsedSeconds: monotonicSeconds() - started)
        let stream = ResultStream.standardOutput
        try output.json ? stream.write(report.json.line + "\n") : stream.write(report: report.text)
    }

    /// The first reading: how many rows each language pair has.
    private func count() throws -> (pairs: [LanguagePairCount], rows: Int) {
        let reader = try ConstraintReader(path: table)
        var tally = PairTally()
        let progress = RowProgress(output: output)
        while let cells = try reader.nextCells() {
            tally.count(cells)
            try progress.pass(row: tally.rows)
        }
        return (tally.counts(languages: reader.languages), tally.rows)
    }

    private func plan(for pairs: [LanguagePairCount], languages wanted: [String]?) throws -> SamplePlan {
        let present = Set(pairs.flatMap { [$0.first, $0.second] }).sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        // The table's spelling of a wanted language, which --languages may name by another code.
        let chosen = wanted.map { wanted in present.filter { wanted.contains(LanguageCode.canonical($0)) } } ?? present
        let absent = (wanted ?? []).filter { code in !chosen.contains { LanguageCode.canonical($0) == code } }
        if let perPair {
            let plan = SamplePlan.equal(
                rows: perPair,
                languages: (chosen + absent).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }, pairs: pairs)
            let short = plan.quotas.filter { $0.taken < perPair }
            if plan.taken == 0 || (!short.isEmpty && !allowShort) {
                throw TrainError.shortPairs(
                    path: table, asked: perPair, short: short.map { "\($0.pair.name) \($0.pair.rows)" })
            }
            return plan
        }
        guard absent.isEmpty else {
            throw TrainError.absentLanguages(path: table, languages: absent, present: present)
        }
        let inside = pairs.filter { chosen.contains($0.first) && chosen.contains($0.second) }
        let found = inside.reduce(0) { $0 + $1.rows }
        guard let size, size <= found else {
            throw TrainError.tooFewRows(path: table, asked: size ?? 0, found: found)
        }
        return .proportional(size: size, pairs: inside)
    }

    /// The second reading: the chosen rows, in the table's order.
    private func copy(_ plan: SamplePlan, into writer: ConstraintWriter) throws {
        let reader = try ConstraintReader(path: table)
        var sampler = PairSampler(plan: plan, seed: seed)
        let progress = RowProgress(output: output)
        var rows = 0
        while let cells = try reader.nextCells() {
            guard let takes = sampler.takes(cells, languages: reader.languages) else {
                throw TrainError.changedMeanwhile(path: table)
            }
            if takes { try writer.write(cells.constraint) }
            rows += 1
            try progress.pass(row: rows)
        }
        guard sampler.isComplete else { throw TrainError.changedMeanwhile(path: table) }
    }

    /// False for pipes and the like; a path that leads nowhere is left to the reader to name.
    private static func isReadableTwice(_ path: String) -> Bool {
        var information = stat()
        guard stat(path, &information) == 0 else { return true }
        return [S_IFREG, S_IFDIR].contains(information.st_mode & S_IFMT)
    }

    /// Whether two paths lead to one existing file.
    private static func areSame(_ one: String, _ other: String) -> Bool {
        var first = stat()
        var second = stat()
        return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev
            && first.st_ino == second.st_ino
    }
}
