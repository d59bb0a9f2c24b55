import ArgumentParser
import Console
import Diagnostics
import Encoder
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
    var checkpoint: [NamedPath]

    @OptionGroup var selection: InputSelection

    @Option(
        help: ArgumentHelp(
            "Layers to keep: 'all', or numbers and ranges; 0 is the embedding output.", valueName: "all|0,6,8-12"))
    var layers: LayerSelection = .all

    @Option(help: "How vectors are stored: fp16 (exact to 3 digits), fp32, sq8 (1 byte), hnsw (fp32 and a graph).")
    var codec: Codec = .fp16

    @Option(help: "Threads that encode.")
    var threads = ThreadCount.processors

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
        try ThreadCount.check(threads)
        guard (1...1 << 20).contains(chunkSequences) else {
            throw ValidationError("--chunk-sequences must be between 1 and \(1 << 20).")
        }
        guard batchTokens > 0 else { throw ValidationError("--batch-tokens must be at least 1.") }
    }

    func run() throws {
        let started = monotonicSeconds()
        var folders: [String: String] = [:]
        for entry in checkpoint {
            if folders.updateValue(entry.path, forKey: entry.name) != nil {
                throw IndexerError.repeatedCheckpoint(name: entry.name)
            }
            // A wrong name or folder shall be known before hours of work on the one before it.
            try StoreName.check(checkpoint: entry.name)
            let configuration = try ConfigurationFile.read(folder: Checkpoint.sourceFolder(of: entry.path))
            _ = try layers.numbers(checkpoint: entry.name, layerCount: configuration.layerCount)
        }
        let inputs = try selection.read { path in
            if !output.quiet { MessageStream.standardError.showStatus("reading \(path)") }
        }
        MessageStream.standardError.showStatus("")
        for input in inputs { try StoreName.check(collection: input.name) }

        let store = try Store.open(storeOptions.store, mode: .write)
        if let remark = store.openingRemark { output.remark("indexer: \(remark)") }
        let lock = try store.lockForBuilding(wait: wait) { holder in
            output.remark("indexer: waiting for another build to finish: \(holder)")
        }
        defer { lock.release() }
        StopRequest.install()

        var report = BuildReport()
        for entry in checkpoint {
            let build = CheckpointBuild(
                store: store, model: try EncodingModel(name: entry.name, folder: entry.path), inputs: inputs,
                settings: settings, shouldStop: { StopRequest.isMade })
            report.checkpoints.append(try build.run())
        }
        report.seconds = monotonicSeconds() - started
        report.peakResidentBytes = ProcessUsage.peakResidentBytes
        if output.json {
            try ResultStream.standardOutput.write(report.json)
        } else {
            try ResultStream.standardOutput.write(report.table)
        }
    }

    private var settings: BuildSettings {
        BuildSettings(
            layers: layers, codec: codec,
            crew: .init(threads: threads, chunkSequences: chunkSequences, batchTokens: batchTokens),
            quiet: output.quiet)
    }
}
