import ArgumentParser
import Console
import Diagnostics

@main
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Mines lexical constraints and specialises checkpoints with them (not in this release).",
        discussion: """
            None of these commands works yet: they state their purpose and exit with status 70.

            Example:
              train mine --help
            """,
        subcommands: [MineCommand.self, StatsCommand.self, SampleCommand.self, SpecializeCommand.self])

    static func main() { Program.run(TrainCommand.self) }
}

/// Asked for something a later release brings.
enum TrainError: Diagnosable {
    case notYet(command: String, purpose: String, meanwhile: String)

    var exitStatus: ExitStatus { .internalError }

    var description: String {
        switch self {
        case .notYet(let command, let purpose, let meanwhile):
            "'train \(command)' is not in this release yet. It will \(purpose). \(meanwhile)"
        }
    }
}

struct MineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mine", abstract: "Not yet: mine word pairs and glosses from multilingual synsets.",
        discussion: "Example (of the release to come):\n  train mine --synsets synsets.jsonl --frequencies vocab --out constraints.tsv")

    @Argument(parsing: .allUnrecognized, help: .hidden) var rest: [String] = []

    func run() throws {
        throw TrainError.notYet(
            command: "mine", purpose: "turn multilingual synsets into a table of constraints",
            meanwhile: "Until then, bring a specialised checkpoint of your own: 'indexer build' takes any Hugging Face folder")
    }
}

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

struct SpecializeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "specialize", abstract: "Not yet: specialise a checkpoint with constraints.",
        discussion: "Example (of the release to come):\n  train specialize --model mbert --constraints constraints.tsv --out babelbert")

    @Argument(parsing: .allUnrecognized, help: .hidden) var rest: [String] = []

    func run() throws {
        throw TrainError.notYet(
            command: "specialize", purpose: "fine-tune a checkpoint on constraints with a contrastive loss",
            meanwhile: "Until then, bring a specialised checkpoint of your own: 'indexer build' takes any Hugging Face folder")
    }
}
