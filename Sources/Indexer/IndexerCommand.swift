import ArgumentParser
import Console
import Store

@main
struct IndexerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "indexer",
        abstract: "Encodes vocabularies and sentences at every layer into a store of FAISS indexes.",
        version: ProgramVersion.text(StoreLibraries.versions),
        subcommands: [
            BuildCommand.self, PlanCommand.self, MergeCommand.self, ListCommand.self, VerifyCommand.self,
            GarbageCommand.self, RemoveCommand.self, SnapshotCommand.self, NightlyCommand.self,
            ExportCommand.self, EncodeCommand.self, TokenizeCommand.self,
        ])

    static func main() { Program.run(IndexerCommand.self) }
}
