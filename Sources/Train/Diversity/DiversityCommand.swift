import ArgumentParser
import Console
import Lexicon

/// `train diversity`
struct DiversityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diversity",
        abstract: "Measures how diverse samples of languages are, or draws samples of every degree.",
        discussion: """
            d_typ is the entropy of each typological feature over the sample (natural logarithm), averaged over the \
            features; similarity is the mean cosine between the sample's vectors and those of the test languages. \
            Vectors come from a table (a language, then numbers; commas or tabs) or from lang2vec's \
            feature_predictions.npz. With --sample or --sample-file the given samples are measured. Without them \
            --draws random samples of --size languages are drawn, divided into --bins of equal width over the range of \
            their d_typ, and one of each bin is shown. docs/dataset.md has the details.

            Example: train diversity --typology syntax_knn.csv --sample af,de,el,en,es,fr,nl,pt,ro,uk
              train diversity --typology syntax_knn.csv --size 10 --draws 1000000
            """)

    @Option(
        help: ArgumentHelp("Typology vectors: a table of text or lang2vec's .npz.", valueName: "file"),
        completion: .file())
    var typology: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Samples to measure, each a list of codes between commas.", valueName: "codes"))
    var sample: [LanguageList] = []

    @Option(
        help: ArgumentHelp("Samples to measure, one a line: codes between spaces or commas.", valueName: "file"),
        completion: .file())
    var sampleFile: String?

    @Option(help: ArgumentHelp("Languages of the test; PanLex-BLI's 15 when left out.", valueName: "codes"))
    var test: LanguageList?

    @Option(help: ArgumentHelp("Features to use, by the start of their names; '' uses all.", valueName: "prefix"))
    var featurePrefix = "S_"

    @Option(help: ArgumentHelp("Languages of a drawn sample.", valueName: "n"))
    var size = 10

    @Option(help: ArgumentHelp("Samples to draw.", valueName: "n"))
    var draws = 1_000_000

    @Option(help: ArgumentHelp("Bins over the range of d_typ.", valueName: "n"))
    var bins = 10

    @Option(help: ArgumentHelp("Languages to draw from; XTREME-R's 50 when left out.", valueName: "codes"))
    var from: LanguageList?

    @Option(help: ArgumentHelp("Languages never drawn; the languages of the test when left out.", valueName: "codes"))
    var without: LanguageList?

    @Option(help: ArgumentHelp("Seed of the draws.", valueName: "n"))
    var seed: UInt64 = 0

    @OptionGroup var output: OutputOptions

    func validate() throws {
        for (name, value, range) in [
            ("--size", size, 1...TypologicalDiversity.maximalSampleSize), ("--draws", draws, 1...1_000_000_000),
            ("--bins", bins, 1...1_000),
        ] where !range.contains(value) {
            throw ValidationError("\(name) must be \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
    }

    func run() throws {
        let vectors = try TypologyReader.read(path: typology, prefix: featurePrefix)
        let test = try (self.test ?? .panLexBLI).checked(option: "--test")
        let similarity = try TypologicalSimilarity(vectors, test: test)
        var samples = try sample.map { try $0.checked(option: "--sample") }
        if let sampleFile { samples += try SampleFile.read(path: sampleFile) }
        let rows =
            try samples.isEmpty && sampleFile == nil
            ? drawn(vectors, similarity, test: test) : samples.map { try measured($0, vectors, similarity) }
        let report = DiversityReport(path: typology, features: vectors.features.count, test: test, rows: rows)
        let stream = ResultStream.standardOutput
        try output.json ? stream.write(report.json.line + "\n") : stream.write(report: report.text)
    }

    private func measured(
        _ languages: [String], _ vectors: TypologyVectors, _ similarity: TypologicalSimilarity
    ) throws -> DiversityReport.Row {
        guard languages.count <= TypologicalDiversity.maximalSampleSize else {
            throw ValidationError(
                "a sample has at most \(TypologicalDiversity.maximalSampleSize) languages, not \(languages.count)")
        }
        let diversity = try TypologicalDiversity(vectors, languages: languages)
        return DiversityReport.Row(
            languages: languages, diversity: diversity.index(of: Array(languages.indices)),
            similarity: try similarity.mean(of: languages))
    }

    private func drawn(
        _ vectors: TypologyVectors, _ similarity: TypologicalSimilarity, test: [String]
    ) throws -> [DiversityReport.Row] {
        StopRequest.install()
        let excluded = Set(try without?.checked(option: "--without") ?? test)
        let candidates = try (from ?? .xtremeR).checked(option: "--from").filter { !excluded.contains($0) }
        guard candidates.count >= size else {
            throw TrainError.tooFewCandidates(size: size, candidates: candidates.count)
        }
        let diversity = try TypologicalDiversity(vectors, languages: candidates)
        let found = try LanguageDraws(
            diversity: diversity, sampleSize: size, draws: draws, seed: seed,
            pause: { if StopRequest.isMade { throw ConsoleError.stopped(advice: "nothing was written") } }
        ).bins(bins)
        let filled = found.filter { $0.draws > 0 }
        guard filled.count == bins else {
            throw TrainError.emptyBins(filled: filled.count, bins: bins, draws: draws)
        }
        return try filled.map { bin in
            let languages = bin.sample.map { candidates[$0] }
            return DiversityReport.Row(
                languages: languages, diversity: bin.diversity, similarity: try similarity.mean(of: languages),
                bin: (bin.from, bin.upTo, bin.draws))
        }
    }
}
