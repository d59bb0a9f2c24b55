import ArgumentParser
import Console
import Store

/// `indexer gc`: removes what nothing points to.
struct GarbageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Removes files nothing points to: replaced layers, half-written files, abandoned work.",
        discussion: """
            Example:
              indexer gc --store indexes --dry-run
            """)

    @OptionGroup var storeOptions: StoreOptions

    @Flag(help: "Only show what would be removed.")
    var dryRun = false

    @Option(help: "Days after which unfinished work that nobody touched is given up; 0 gives up all of it.")
    var workAge = 7.0

    @Flag(inversion: .prefixedNo, help: "Wait when a build is at work; else exit with status 75.")
    var wait = true

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard workAge >= 0, workAge.isFinite else { throw ValidationError("--work-age must be 0 or more days.") }
    }

    func run() throws {
        // Opened for reading first: a mistyped folder must not be made.
        _ = try Store.open(storeOptions.store, mode: .read)
        let store = try Store.open(storeOptions.store, mode: .write)
        // Beyond now, so that work of this very second is older, too.
        let age = workAge == 0 ? -2 : workAge * 86_400
        let report = try store.collectGarbage(dryRun: dryRun, workAgeSeconds: age, wait: wait) { holder in
            output.remark("indexer: waiting for a build to finish: \(holder)")
        }
        if output.json {
            try ResultStream.standardOutput.write([
                "dry_run": .boolean(dryRun), "bytes": .integer(report.bytes),
                "files": .array(
                    report.files.map {
                        ["path": .text($0.path), "bytes": .integer($0.bytes), "reason": .text($0.reason)]
                    }),
                "lists": .array(report.lists.map { .text($0.hex) }),
                "sequences": .array(report.sequences.map { .text($0.hex) }), "results": .integer(report.results),
            ])
            return
        }
        for file in report.files {
            try ResultStream.standardOutput.write(
                report: "\(file.path): \(file.reason), \(Quantity.bytes(file.bytes))\n")
        }
        try ResultStream.standardOutput.write(
            report: "\(dryRun ? "would remove" : "removed") \(Quantity.counted(report.files.count, "file")) of "
                + "\(Quantity.bytes(report.bytes)) and \(Quantity.counted(report.lists.count, "text list"))"
                + (report.results == 0 ? "\n" : ", and \(Quantity.counted(report.results, "damaged result"))\n"))
    }
}
