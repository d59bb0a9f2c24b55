import ArgumentParser
import Console
import Kernels

@main
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Mines lexical constraints from synsets, specialises checkpoints with them, distils small ones.",
        discussion: """
            Example:
              train mine --synsets synsets.jsonl.gz --frequencies vocab --out constraints.tsv
              train stats constraints.tsv
              train sample constraints.tsv --out small.tsv --size 10000
              train specialize --model mbert --constraints constraints.tsv --out babelbert
              train distill --store indexes --teacher babelbert --model small --out taught
            """,
        version: ProgramVersion.text([("kernels", "\(Arithmetic.instructions) (\(Arithmetic.inUse))")]),
        subcommands: [
            MineCommand.self, StatsCommand.self, SampleCommand.self, DiversityCommand.self, SpecializeCommand.self,
            SearchCommand.self, DistillCommand.self, InterpolateCommand.self,
        ])

    static func main() {
        Program.run(TrainCommand.self, arguments: TrainingPreset.expanded(Array(CommandLine.arguments.dropFirst())))
    }
}
