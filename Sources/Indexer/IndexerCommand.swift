import ArgumentParser

@main
struct IndexerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "indexer", abstract: "Not yet.")
}
