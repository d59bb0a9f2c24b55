import Console
import Diagnostics
import Encoder
import Fingerprinting
import Store

/// What the user asked of a build, apart from inputs and checkpoints.
struct BuildSettings: Sendable {
    var layers: LayerSelection = .all
    var codec: Codec = .fp16
    var crew: EncodingCrew.Settings
    /// Sequences another collection must have in common to be copied from: checking the checksums of its files takes
    /// about as long as encoding these.
    var worthwhileSequences = 256
    /// Sequences put in order together: `EncodingPlan.usualWindow`.
    var windowSequences = EncodingPlan.usualWindow
    /// Of a layer in memory while it is written.
    var partBytes = LayerRows.usualPartBytes
    /// What the process can have at most.
    var memoryBytes = MemorySpace.limit
    /// Remarks and the bar on standard error.
    var quiet = false
    /// Whether vectors that were dropped after their evaluation stay dropped.
    var isEphemeral = false
}

extension BuildSettings {
    init(options: EncodingOptions, crew: EncodingCrew.Settings, quiet: Bool, isEphemeral: Bool = false) {
        self.init(
            layers: options.layers, codec: options.codec, crew: crew, quiet: quiet, isEphemeral: isEphemeral)
    }
}

/// Builds the collections of one checkpoint: finds what is missing, plans, encodes, publishes.
///
/// The store's build lock is held by the caller.
struct CheckpointBuild {
    let store: Store
    let model: EncodingModel
    let inputs: [CollectionInput]
    let settings: BuildSettings
    let shouldStop: @Sendable () -> Bool

    var name: String { model.record.name }

    /// - Throws: `ConsoleError.stopped` when asked to stop; errors of every room below.
    func run() throws -> BuildReport.Checkpoint {
        let started = monotonicSeconds()
        let layers = try settings.layers.numbers(checkpoint: name, layerCount: model.record.layerCount)
        var report = BuildReport.Checkpoint(
            name: name, fingerprint: model.record.fingerprint.hex, layers: layers)
        let missing = try inputs.map {
            try LayerFingerprint.missing(
                layers, of: $0, codec: settings.codec, model: model, in: store, withoutDropped: settings.isEphemeral)
        }
        let groups = model.groups(of: inputs, layers: layers, codec: settings.codec)
        if missing.allSatisfy(\.isEmpty) {
            remark("\(name): everything is up to date")
            try groups.forEach(sweep)
            report.collections = try inputs.map(upToDate)
            report.seconds = monotonicSeconds() - started
            return report
        }
        if let said = model.remark { remark(said) }
        try remarkOnChange()

        // All before anything is encoded: a disk that is too small is said now, and not when one group is done.
        var builds: [GroupBuild] = []
        for (group, tokenized) in zip(groups, try tokenize(missing, groups)) {
            if tokenized.collections.isEmpty {
                try sweep(group)
            } else {
                builds.append(try GroupBuild(self, group, tokenized))
            }
        }
        try DiskSpace.require(builds.reduce(0) { $0 + $1.neededBytes }, in: store.folder)
        var built: [Int: BuildReport.Collection] = [:]
        for build in builds { built.merge(try build.run(&report)) { $1 } }
        EncodingRates.usual.remember(
            tokens: report.tokens, seconds: report.encodingSeconds, highestLayer: layers.last ?? 0,
            hiddenSize: model.record.hiddenSize, threads: settings.crew.threads)
        report.collections = try inputs.enumerated().map { number, input in
            try built[number] ?? upToDate(input)
        }
        report.seconds = monotonicSeconds() - started
        return report
    }

    // MARK: Planning

    private func tokenize(_ missing: [[Int]], _ groups: [VectorGroup]) throws -> [EncodingPlan.Tokenized] {
        let work = try CollectionTokenizer(model, threads: settings.crew.threads)
        let pending = zip(inputs, missing).filter { !$1.isEmpty }
        if let said = PlanningMemory.remark(pending.map(\.0), checkpoint: name, limitBytes: settings.memoryBytes) {
            remark(said)
        }
        let progress = bar(
            "tokenizing \(name)", total: pending.reduce(0) { $0 + Double($1.0.texts.byteCount) }, unit: "texts")
        let result = try work.tokenize(inputs, missing: missing, groups: groups) { input in
            if shouldStop() { throw stopped() }
            progress.phase(input.name)
        } didTokenize: { input in
            progress.advance(weight: Double(input.texts.byteCount), items: input.texts.count)
        }
        progress.finish()
        return result
    }

    /// Of a group with nothing to do: a run killed after its last publication leaves this to the next one.
    private func sweep(_ group: VectorGroup) throws {
        let work = try WorkFolder(existingIn: store, checkpoint: model.record, shape: group.shape)
        try work?.sweep(store, checkpoint: model.record.fingerprint)
    }

    // MARK: Saying

    private func remarkOnChange() throws {
        guard let stored = try store.checkpoint(name), stored.fingerprint != model.record.fingerprint else { return }
        let count = try store.collections(checkpoint: name).count
        remark(
            "\(name): \(model.record.source) has changed since it was encoded (fingerprint "
                + "\(stored.fingerprint.short), now \(model.record.fingerprint.short)); its \(count) stored "
                + "collections are stale, nothing of them is reused"
        )
    }

    private func upToDate(_ input: CollectionInput) throws -> BuildReport.Collection {
        let stored = try store.collection(input.name, checkpoint: name)
        return BuildReport.Collection(
            name: input.name, entries: input.entryCount, rows: stored?.rows ?? 0, encoded: 0, reused: 0,
            skipped: stored?.skipped ?? [:], truncated: stored?.truncated ?? 0, bytesWritten: 0, upToDate: true)
    }

    func stopped() -> ConsoleError {
        .stopped(advice: "finished work is kept, run the same command again to go on")
    }

    func remark(_ message: String) {
        if !settings.quiet { MessageStream.standardError.say("indexer: \(message)") }
    }

    func bar(
        _ title: String, total: Double, unit: String, rate: ProgressBar.WeightRate? = nil
    ) -> any ProgressReporter {
        settings.quiet
            ? SilentProgress() : ProgressBar(title: title, totalWeight: total, itemUnit: unit, weightRate: rate)
    }
}
