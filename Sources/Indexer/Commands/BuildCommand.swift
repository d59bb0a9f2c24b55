import ArgumentParser
import Console
import Diagnostics
import Encoder
import Files
import Glibc
import Store

extension Codec: ExpressibleByArgument {}

/// `indexer build`: encodes what is missing and makes it current.
struct BuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Encodes vocabularies and sentences at every layer; does only what is not done yet.",
        discussion: """
            A build that is stopped or killed goes on where it was when the same command is run again; a changed \
            vocabulary encodes only its new entries; a changed checkpoint is encoded anew.

            Example:
              indexer build --store indexes --checkpoint mbert=models/mbert --vocabularies wiki --sentences tatoeba
            """)

    @OptionGroup var storeOptions: StoreOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Checkpoints: a name of your choice and a Hugging Face folder.", valueName: "name=folder"))
    var checkpoint: [NamedPath] = []

    @OptionGroup var selection: InputSelection
    @OptionGroup var options: EncodingOptions
    @OptionGroup var shardOptions: ShardOptions

    @Option(
        help: ArgumentHelp(
            "Folder on a disk of this machine where a shard is built before it is handed over; SLURM_TMPDIR, TMPDIR or "
                + "/tmp without it.", valueName: "folder"), completion: .directory)
    var scratch: String?

    @Flag(
        help: ArgumentHelp(
            "Say what would be encoded, how long that would take (by this machine's last build of a model of that "
                + "shape) and how much disk; write nothing."))
    var dryRun = false

    @Flag(
        help: ArgumentHelp(
            "Vectors that were dropped after their evaluation (`indexer remove --vectors`) stay dropped while nothing "
                + "they were computed from has changed."))
    var ephemeral = false

    @OptionGroup var parallelism: ThreadOptions

    @Flag(
        inversion: .prefixedNo, help: "Wait when another build is at work in the same store; else exit with status 75.")
    var wait = true

    @Option(
        help: ArgumentHelp(
            "Sequences per thread between two writes: what a kill loses at most.", visibility: .hidden))
    var chunkSequences = 1024

    @Option(help: ArgumentHelp("Tokens per call of the encoder.", visibility: .hidden))
    var batchTokens = 1536

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if shardOptions.plan == nil {
            guard !checkpoint.isEmpty else {
                throw ValidationError("Missing expected argument '--checkpoint <name=folder>'")
            }
            try selection.requireTexts()
            if scratch != nil { throw ValidationError("--scratch needs --plan.") }
        } else if ephemeral {
            throw ValidationError("--ephemeral is about vectors of a store: leave out --plan.")
        } else if dryRun {
            throw ValidationError("--dry-run: `indexer plan` says what its shards will take.")
        } else {
            guard checkpoint.isEmpty, selection.isEmpty, selection.top == InputSelection.usualTop,
                !selection.skipBadLines, options.areUsual,
                storeOptions.store == StoreOptions.defaultStore
            else {
                throw ValidationError(
                    "--plan says what is encoded and how: leave out --checkpoint, texts, --layers, --codec, --pooling "
                        + "and --store (`indexer merge` makes the store).")
            }
        }
        guard (1...1 << 20).contains(chunkSequences) else {
            throw ValidationError("--chunk-sequences must be between 1 and \(1 << 20).")
        }
        guard batchTokens > 0 else { throw ValidationError("--batch-tokens must be at least 1.") }
    }

    func run() throws {
        if let plan = shardOptions.plan { return try buildShard(of: plan) }
        let started = monotonicSeconds()
        let checkpoints = try Self.check(checkpoint, layers: options.layers)
        let inputs = try selection.read(threads: parallelism.threads) { path in
            if !output.quiet { MessageStream.standardError.showStatus("reading \(path)") }
        }
        MessageStream.standardError.showStatus("")
        for input in inputs { try StoreName.check(collection: input.name) }
        if dryRun {
            return try forecast(checkpoints.map { try open($0, inputs) }, inputs: inputs)
        }

        let store = try Store.open(storeOptions.store, mode: .write)
        if let remark = store.openingRemark { output.remark("indexer: \(remark)") }
        let lock = try store.lockForBuilding(wait: wait) { holder in
            output.remark("indexer: waiting for another build to finish: \(holder)")
        }
        defer { lock.release() }
        StopRequest.install()

        var report = BuildReport()
        for entry in checkpoints {
            let build = CheckpointBuild(
                store: store, model: try open(entry, inputs), inputs: inputs,
                settings: settings, shouldStop: { StopRequest.isMade })
            report.checkpoints.append(try build.run())
        }
        report.seconds = monotonicSeconds() - started
        report.peakResidentBytes = ProcessUsage.peakResidentBytes
        try write(report)
    }

    private func open(_ entry: (name: String, folder: String), _ inputs: [CollectionInput]) throws -> EncodingModel {
        try EncodingModel(
            name: entry.name, folder: entry.folder, options: options, kinds: Set(inputs.map(\.kind)))
    }

    private func write(_ report: BuildReport) throws {
        if output.json {
            try ResultStream.standardOutput.write(report.json)
        } else {
            try ResultStream.standardOutput.write(report: report.table)
        }
    }

    /// A wrong name or folder shall be known before hours of work on the one before it.
    /// - Throws: `IndexerError`, `StoreError.nameNotAllowed`, what reading a configuration throws.
    static func check(_ checkpoints: [NamedPath], layers: LayerSelection) throws -> [(name: String, folder: String)] {
        var names = Set<String>()
        return try checkpoints.map { entry in
            guard names.insert(entry.name).inserted else { throw IndexerError.repeatedCheckpoint(name: entry.name) }
            try StoreName.check(checkpoint: entry.name)
            let configuration = try ConfigurationFile.read(folder: Checkpoint.sourceFolder(of: entry.path))
            _ = try layers.numbers(checkpoint: entry.name, layerCount: configuration.layerCount)
            return (entry.name, entry.path)
        }
    }

    private var crew: EncodingCrew.Settings {
        .init(threads: parallelism.threads, chunkSequences: chunkSequences, batchTokens: batchTokens)
    }

    private var settings: BuildSettings {
        BuildSettings(options: options, crew: crew, quiet: output.quiet, isEphemeral: ephemeral)
    }

    private func forecast(_ models: [EncodingModel], inputs: [CollectionInput]) throws {
        StopRequest.install()
        let store = try storeSoFar()
        var forecast = BuildForecast()
        for model in models {
            forecast.checkpoints.append(
                try CheckpointForecast(
                    store: store, model: model, inputs: inputs, settings: settings, rates: .usual,
                    shouldStop: { StopRequest.isMade }, remark: { output.remark("indexer: \($0)") }
                ).run())
        }
        forecast.freeBytes = try DiskSpace.available(folder: DurableFolder.nearest(storeOptions.store))
        if output.json {
            try ResultStream.standardOutput.write(forecast.json)
        } else {
            try ResultStream.standardOutput.write(report: forecast.table)
        }
    }

    /// The store a build would go on with; nil where it would begin one: no folder, or a folder without a catalogue,
    /// as the `indexes` of a clone.
    private func storeSoFar() throws -> Store? {
        guard access(storeOptions.store, F_OK) == 0 else { return nil }
        do {
            return try Store.open(storeOptions.store, mode: .read)
        } catch StoreError.notAStore where (try? ContainedFolder(storeOptions.store)) != nil {
            return nil
        }
    }

    private func buildShard(of plan: String) throws {
        StopRequest.install()
        let folder = try PlanFolder(plan)
        let shard = try ShardNumber.resolve(shardOptions.shard, of: folder)
        let build = ShardBuild(
            folder: folder, shard: shard, scratch: scratch ?? ShardBuild.usualScratch, crew: crew, wait: wait,
            quiet: output.quiet, shouldStop: { StopRequest.isMade })
        switch try build.run() {
        case .doneBefore:
            if output.json {
                try ResultStream.standardOutput.write([
                    "plan": .text(folder.plan.id), "shard": .integer(shard), "state": "done before",
                ])
            } else {
                try ResultStream.standardOutput.write(report: "shard \(shard): done before\n")
            }
        case .built(let note, let report):
            if output.json {
                try ResultStream.standardOutput.write([
                    "plan": .text(folder.plan.id), "shard": .integer(shard), "state": "built",
                    "folder": .text(folder.path(of: shard)), "host": .text(note.host),
                    "files": .integer(note.files.count), "build": report.json,
                ])
            } else {
                try write(report)
                try ResultStream.standardOutput.write(report: "shard \(shard): done, \(folder.path(of: shard))\n")
            }
        }
    }
}
