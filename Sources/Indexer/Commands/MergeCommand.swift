import ArgumentParser
import Console
import Diagnostics
import Files
import Store

/// `indexer merge`: makes the shards of a plan current in one store.
struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Makes the shards of a plan current in one store: moves files and records, encodes nothing.",
        discussion: """
            Ends with status 75 and the list of shards that are missing, if any are; with 65 when an input is not what \
            was planned, or a shard is damaged, or was made by another program or arithmetic; then the store is left \
            as it was. A merge that was stopped or killed goes on when it is run again.

            Example:
              indexer merge --plan shards --store indexes
            """)

    @Option(help: ArgumentHelp("Folder of the plan.", valueName: "folder"), completion: .directory)
    var plan: String

    @OptionGroup var storeOptions: StoreOptions

    @Flag(exclusivity: .exclusive)
    var way: ShardMerge.Way = .link

    @Flag(help: "Read every byte of the shards' layer files first and compare checksums.")
    var verify = false

    @Flag(help: "Merge the shards there are and say which are missing.")
    var allowMissing = false

    @Flag(
        inversion: .prefixedNo, help: "Wait when another build is at work in the same store; else exit with status 75.")
    var wait = true

    @OptionGroup var output: OutputOptions

    func run() throws {
        let started = monotonicSeconds()
        StopRequest.install()
        let folder = try PlanFolder(plan)
        let count = folder.plan.shards.count
        let merge = ShardMerge(
            folder: folder, way: way, allowingMissing: allowMissing, verifying: verify,
            progress: { what, shard in
                if !output.quiet { MessageStream.standardError.showStatus("\(what) shard \(shard) of \(count)") }
            })
        let checked = try merge.check()
        let store = try Store.open(storeOptions.store, mode: .write)
        if let remark = store.openingRemark { output.remark("indexer: \(remark)") }
        let lock = try store.lockForBuilding(wait: wait) { holder in
            output.remark("indexer: waiting for another build to finish: \(holder)")
        }
        defer { lock.release() }
        let report = try merge.run(checked, into: store, shouldStop: { StopRequest.isMade })
        MessageStream.standardError.showStatus("")
        let missing = PlanFolder.array(report.missing)
        if !report.missing.isEmpty {
            output.remark(
                "indexer: \(report.missing.count) of \(count) shards \(report.missing.count == 1 ? "is" : "are") "
                    + "missing and left out: \(missing)")
        }
        let seconds = monotonicSeconds() - started
        if output.json {
            try ResultStream.standardOutput.write([
                "plan": .text(folder.plan.id), "store": .text(store.folder), "shards": .integer(report.shards),
                "missing": .array(report.missing.map { .integer($0) }), "collections": .integer(report.collections),
                "up_to_date": .integer(report.upToDate), "files": .integer(report.files),
                "bytes": .integer(report.bytes), "results": .integer(report.results), "seconds": .number(seconds),
            ])
        } else {
            let done = ["link": "linked", "move": "moved", "copy": "copied"][way.rawValue] ?? way.rawValue
            try ResultStream.standardOutput.write(
                report: "\(store.folder): \(Quantity.counted(report.shards, "shard")), "
                    + "\(Quantity.counted(report.collections, "collection")) "
                    + "(\(Quantity.grouped(report.upToDate)) up to date), \(Quantity.counted(report.files, "file")) "
                    + "\(done) (\(Quantity.bytes(report.bytes))), in \(Quantity.duration(seconds: seconds))\n")
        }
    }
}
