import ArgumentParser
import Console
import Diagnostics
import Encoder
import Files
import Store

/// `indexer plan`: what a build would encode, cut into shards for several machines.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Cuts a build into shards that any number of machines can encode, each on its own.",
        discussion: """
            The plan names checkpoints and texts by their absolute paths and their fingerprints; the folder must be \
            one that all machines see. Then `indexer build --plan FOLDER --shard i` for each i (an array's task knows \
            its own), and `indexer merge --plan FOLDER --store STORE` at the end: the store is the one that a single \
            `indexer build` would have made. The same inputs give the same plan.

            Example:
              indexer plan --out shards --shards 8 --checkpoint mbert=models/mbert --vocabularies wiki
            """)

    @Option(
        help: ArgumentHelp("Folder of the plan and of its shards.", valueName: "folder"), completion: .directory)
    var out: String

    @Option(help: "Shards to cut into; each has one checkpoint, so there are at least as many as checkpoints.")
    var shards: Int

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Checkpoints: a name of your choice and a Hugging Face folder.", valueName: "name=folder"))
    var checkpoint: [NamedPath]

    @OptionGroup var selection: InputSelection
    @OptionGroup var options: EncodingOptions

    @Option(
        help: ArgumentHelp(
            "Leave out vocabularies and sentence sets that this store has already.", valueName: "folder"),
        completion: .directory)
    var store: String?

    @Option(help: "Threads that tokenise; how long a shard takes is said for so many, too.")
    var threads = ThreadCount.processors

    @OptionGroup var output: OutputOptions

    func validate() throws {
        try ThreadCount.check(threads)
        try selection.requireTexts()
        guard (1...1_000_000).contains(shards) else {
            throw ValidationError("--shards must be between 1 and 1000000.")
        }
    }

    func run() throws {
        StopRequest.install()
        let entries = try BuildCommand.check(checkpoint, layers: options.layers)
        let plan = try ShardPlanner(
            options: options, selection: selection, checkpoints: entries, shards: shards,
            store: store.map { try Store.open($0, mode: .read) }, threads: threads,
            shouldStop: { StopRequest.isMade },
            progress: { if !output.quiet { MessageStream.standardError.showStatus($0) } }
        ).plan()
        MessageStream.standardError.showStatus("")
        if plan.shards.isEmpty, let store { return try sayUpToDate(store) }
        let folder = try PlanFolder(out, keeping: plan)
        let count = plan.shards.count
        if count != shards {
            output.remark(
                "indexer: \(count) shards, not \(shards): each has one checkpoint (\(plan.checkpoints.count)) and at "
                    + "least one vocabulary or sentence set of it (\(plan.inputs.count))")
        }
        let tokens = plan.shards.map(\.tokens), bytes = plan.shards.reduce(0) { $0 + $1.bytes }
        let missing = try folder.missing()
        var forecast = try PlanForecast(plan, shards: missing, path: folder.path, rates: .usual, threads: threads)
        forecast.freeBytes = try DiskSpace.available(folder: folder.path)
        if output.json {
            let document: JSONValue = [
                "plan": .text(plan.id), "folder": .text(folder.path), "shards": .integer(count),
                "array": .text(PlanFolder.array(missing)), "checkpoints": .integer(plan.checkpoints.count),
                "inputs": .integer(plan.inputs.count), "tokens": .integer(tokens.reduce(0, +)),
                "smallest_shard_tokens": .integer(tokens.min() ?? 0),
                "largest_shard_tokens": .integer(tokens.max() ?? 0), "bytes": .integer(bytes),
            ]
            try ResultStream.standardOutput.write(.object((document.members ?? []) + forecast.json))
        } else {
            try ResultStream.standardOutput.write(
                report:
                    "plan \(plan.id): \(Quantity.counted(count, "shard")) of \(Quantity.grouped(tokens.min() ?? 0)) to "
                    + "\(Quantity.counted(tokens.max() ?? 0, "token")), "
                    + "\(Quantity.counted(plan.checkpoints.count, "checkpoint")), "
                    + "\(Quantity.counted(plan.inputs.count, "input")), about \(Quantity.bytes(bytes)) of layer files\n"
                    + forecast.text
                    + (missing.isEmpty ? "all shards are done\n" : "to do: \(PlanFolder.array(missing))\n"))
        }
    }

    private func sayUpToDate(_ store: String) throws {
        if output.json {
            try ResultStream.standardOutput.write(["plan": .null, "shards": 0, "array": "", "tokens": 0, "bytes": 0])
        } else {
            try ResultStream.standardOutput.write(report: "\(store): everything is up to date, no plan was written\n")
        }
    }
}
