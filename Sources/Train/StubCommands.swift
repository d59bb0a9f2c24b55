import ArgumentParser
struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Not yet: count constraints per language and language pair.",
        discussion: "Example (of the release to come):\n  train stats constraints.tsv --matrix counts.csv")

    @Argument(parsing: .allUnrecognized, help: .hidden) var rest: [String] = []

    func run() throws {
        throw TrainError.notYet(
            command: "stats", purpose: "count constraints per language and language pair",
            meanwhile: "A constraints table is plain TSV; any table tool counts it")
    }
}

struct SampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample", abstract: "Not yet: draw a sample of constraints.",
        discussion: "Example (of the release to come):\n  train sample constraints.tsv --out small.tsv --size 10000")

    @Argument(parsing: .allUnrecognized, help: .hidden) var rest: [String] = []

    func run() throws {
        throw TrainError.notYet(
            command: "sample", purpose: "draw samples of a size, or of a size per language pair",
            meanwhile: "A constraints table is plain TSV; any table tool samples it")
    }
}

