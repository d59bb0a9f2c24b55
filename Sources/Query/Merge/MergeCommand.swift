import ArgumentParser
import Console
import Lookup
import Store

/// `query merge`: results of `--shard` jobs into a store.
struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Stores the results that `bli`, `xlsim` and `tatoeba --shard` have written to files.",
        discussion: """
            All results are stored in one transaction, and only if the store still holds what they were computed from; \
            else nothing is. Files of several evaluations may be merged together. Ends with status 75 and the shards \
            that are missing, if any are; with 65 when a file is damaged, was written by another program, differs from \
            another file of the same shard, or was computed from another state of the store.

            Example: query merge results/bli.* --store indexes
            """)

    @Argument(
        help: ArgumentHelp("Files written by `--results`.", valueName: "file"), completion: .file())
    var files: [String]

    @OptionGroup var store: StoreOptions

    @Flag(help: "Store the results there are and say which shards are missing.")
    var allowMissing = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let merge = try ResultsMerge(
            files, program: .own(version: ProgramVersion.number), allowingMissing: allowMissing)
        // Opened for reading first: a mistyped folder must not be made.
        _ = try Store.open(store.store, mode: .read)
        let store = try Store.open(store.store, mode: .write)
        let report = try merge.run(into: store)
        for omission in report.omissions { output.remark("query: \(omission)") }
        if output.json {
            try ResultStream.standardOutput.write([
                "store": .text(store.folder), "files": .integer(files.count), "results": .integer(report.results),
                "known": .integer(report.known), "missing": .array(report.omissions.map { .text($0) }),
            ])
        } else {
            try ResultStream.standardOutput.write(
                report:
                    "\(store.folder): \(Quantity.counted(report.results, "result")) of "
                    + "\(Quantity.counted(files.count, "file")), "
                    + "\(Quantity.grouped(report.known)) of them known before\n"
            )
        }
    }
}
