import ArgumentParser
import Console
import Store

/// `indexer remove`: takes a checkpoint or one of its collections out of a store.
struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Removes a checkpoint with everything stored for it, or one of its collections.",
        discussion: """
            Example:
              indexer remove --store indexes --checkpoint mbert --collection words/fi
            """)

    @OptionGroup var storeOptions: StoreOptions

    @Option(help: ArgumentHelp("Checkpoint, as named in the build.", valueName: "name"), completion: .storedCheckpoints)
    var checkpoint: String

    @Option(
        help: ArgumentHelp("Collection; without it the whole checkpoint goes.", valueName: "words/fi"),
        completion: .storedCollections)
    var collection: String?

    @Flag(inversion: .prefixedNo, help: "Wait when a build is at work; else exit with status 75.")
    var wait = true

    @OptionGroup var output: OutputOptions

    func run() throws {
        // Opened for reading first: a mistyped folder shall not come into being.
        _ = try Store.open(storeOptions.store, mode: .read)
        let store = try Store.open(storeOptions.store, mode: .write)
        let report = try store.remove(checkpoint: checkpoint, collection: collection, wait: wait) { holder in
            output.remark("indexer: waiting for a build to finish: \(holder)")
        }
        if output.json {
            try ResultStream.standardOutput.write([
                "checkpoint": .text(checkpoint), "collections": .array(report.collections.map { .text($0) }),
                "files": .integer(report.files), "bytes": .integer(report.bytes), "results": .integer(report.results),
            ])
        } else {
            try ResultStream.standardOutput.write(
                "removed \(report.collections.joined(separator: ", ")) of \(checkpoint): "
                    + "\(Quantity.grouped(report.files)) files, \(Quantity.bytes(report.bytes)), "
                    + "\(Quantity.grouped(report.results)) results\n")
        }
    }
}
