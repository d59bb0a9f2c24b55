import ArgumentParser
import Console
import Store

@main
struct QueryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract:
            "Asks a store of encoded words and sentences: translations, evaluations, leaderboards, reports, a page.",
        discussion: """
            A store is built with `indexer build`. Answers go to standard output, progress and remarks to standard \
            error.
            Exit status: 0 done, 1 `compare --fail-if-worse` found it worse, 64 usage, 65 bad input, 66 input missing, \
            74 input/output, 75 try again.
            """,
        version: ProgramVersion.text(StoreLibraries.versions),
        subcommands: [
            TranslateCommand.self, ExplainCommand.self, InduceCommand.self, BliCommand.self, XlsimCommand.self,
            TatoebaCommand.self, MergeCommand.self, ErrorsCommand.self, CompareCommand.self, HubsCommand.self,
            ResultsCommand.self, LeaderboardCommand.self, ReportCommand.self, ServeCommand.self,
        ])

    static func main() { Program.run(Self.self) }
}
