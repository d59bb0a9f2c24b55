import ArgumentParser
import Console
import Store

/// `indexer snapshot`: the state of a store at one moment, as a store of its own.
struct SnapshotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Makes a store of its own of the state a store has now, for jobs that read it while others build.",
        discussion: """
            The catalogue is copied, layer files get a second name where the file system has hard links and are copied \
            against their checksums where it has not. Builders may publish meanwhile and need not be waited for; what \
            they publish or `gc` removes later changes nothing in the snapshot. The folder appears when it is complete.

            Example:
              indexer snapshot --store indexes --out snapshots/monday
            """)

    @OptionGroup var storeOptions: StoreOptions

    @Option(
        help: ArgumentHelp("The folder to make; there must be none yet.", valueName: "folder"), completion: .directory)
    var out: String

    @Flag(help: "Copy layer files even where links are possible: a snapshot that shares no byte with the store.")
    var copy = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        StopRequest.install()
        let store = try Store.open(storeOptions.store, mode: .read)
        let report = try StoreSnapshotting(
            store: store, out: out, copying: copy, shouldStop: { StopRequest.isMade },
            progress: { done, all in
                if !output.quiet { MessageStream.standardError.showStatus("layer file \(done + 1) of \(all)") }
            }
        ).run()
        MessageStream.standardError.showStatus("")
        if output.json {
            try ResultStream.standardOutput.write([
                "store": .text(store.folder), "out": .text(out), "checkpoints": .integer(report.checkpoints),
                "collections": .integer(report.collections), "linked": .integer(report.linked),
                "copied": .integer(report.copied), "bytes": .integer(report.bytes),
            ])
        } else {
            try ResultStream.standardOutput.write(
                report: "\(out): \(Quantity.counted(report.checkpoints, "checkpoint")), "
                    + "\(Quantity.counted(report.collections, "collection")), "
                    + "\(Quantity.counted(report.linked + report.copied, "layer file")) "
                    + "(\(Quantity.bytes(report.bytes))), \(Quantity.grouped(report.linked)) of them linked\n")
        }
    }
}
