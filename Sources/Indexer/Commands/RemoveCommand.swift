import ArgumentParser
import Console
import Store

/// `indexer remove`: takes a checkpoint or one of its collections out of a store.
struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Removes a checkpoint with everything stored for it, one of its collections, or its vectors alone.",
        discussion: """
            With --vectors the layer files go, and what is known stays: results, which words they were over, what was \
            encoded. Evaluations, leaderboard, comparisons and reports show the stored results as before; what needs a \
            vector says that it was dropped, until the same `indexer build` encodes it again.

            Example:
              indexer remove --store indexes --checkpoint mbert --collection words/fi
              indexer remove --store indexes --checkpoint mbert --vectors
            """)

    @OptionGroup var storeOptions: StoreOptions

    @Option(help: ArgumentHelp("Checkpoint, as named in the build.", valueName: "name"), completion: .storedCheckpoints)
    var checkpoint: String

    @Option(
        help: ArgumentHelp("Collection; without it the whole checkpoint goes.", valueName: "words/fi"),
        completion: .storedCollections)
    var collection: String?

    @Flag(help: "Remove the layer files and nothing that is known of them.")
    var vectors = false

    @Flag(inversion: .prefixedNo, help: "Wait when a build is at work; else exit with status 75.")
    var wait = true

    @OptionGroup var output: OutputOptions

    func run() throws {
        // Opened for reading first: a mistyped folder must not be made.
        _ = try Store.open(storeOptions.store, mode: .read)
        let store = try Store.open(storeOptions.store, mode: .write)
        let onWait = { (holder: String) in output.remark("indexer: waiting for a build to finish: \(holder)") }
        let report =
            vectors
            ? try store.dropVectors(checkpoint: checkpoint, collection: collection, wait: wait, onWait: onWait)
            : try store.remove(checkpoint: checkpoint, collection: collection, wait: wait, onWait: onWait)
        if output.json {
            try ResultStream.standardOutput.write([
                "checkpoint": .text(checkpoint), "collections": .array(report.collections.map { .text($0) }),
                "files": .integer(report.files), "bytes": .integer(report.bytes), "results": .integer(report.results),
            ])
        } else {
            let what = (vectors ? "the vectors of " : "") + report.collections.joined(separator: ", ")
            try ResultStream.standardOutput.write(
                report: "removed \(what) of \(checkpoint): "
                    + "\(Quantity.counted(report.files, "file")), \(Quantity.bytes(report.bytes)), "
                    + "\(Quantity.counted(report.results, "result"))\n")
        }
    }
}
