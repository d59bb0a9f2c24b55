import ArgumentParser
import Console

@main
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Mines lexical constraints from synsets and shows what is in them.",
        discussion: """
            `specialize`, which trains a checkpoint with constraints, is not in this release yet.

            Example:
              train mine --synsets synsets.jsonl.gz --frequencies vocab --out constraints.tsv
              train stats constraints.tsv
              train sample constraints.tsv --out small.tsv --size 10000
            """,
        subcommands: [MineCommand.self, StatsCommand.self, SampleCommand.self, DiversityCommand.self, SpecializeCommand.self])

    static func main() { Program.run(TrainCommand.self) }
}
