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

    private var name: String { model.record.name }

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
        let shape = VectorShape(
            layers: layers, dimension: model.record.hiddenSize, element: VectorElement(for: settings.codec))
        if missing.allSatisfy(\.isEmpty) {
            remark("\(name): everything is up to date")
            // A run killed after its last publication leaves this to the next one.
            let work = try WorkFolder(existingIn: store, checkpoint: model.record, shape: shape)
            try work?.sweep(store, checkpoint: model.record.fingerprint)
            report.collections = try inputs.map(upToDate)
            report.seconds = monotonicSeconds() - started
            return report
        }
        if let said = model.remark { remark(said) }
        try remarkOnChange()

        var plan = try EncodingPlan(tokenize(missing), unitOf: EncodingPlan.unitName)
        let work = try WorkFolder(store: store, checkpoint: model.record, shape: shape)
        let sources = VectorSources(store: store, shape: shape)
        let reuse = VectorReuse(
            store: store, checkpoint: model.record, shape: shape, worthwhileSequences: settings.worthwhileSequences,
            remark: remark)
        try reuse.locate(&plan, sources: sources, work: work)
        plan.divideIntoUnits()
        try DiskSpace.require(plan.neededBytes(shape, codec: settings.codec), in: store.folder)

        let publication = CollectionPublication(
            store: store, checkpoint: model.record, shape: shape, codec: settings.codec, shouldStop: shouldStop)
        let built = try encodeAndPublish(
            &plan, shape: shape, work: work, sources: sources, publication: publication, report: &report)
        try work.sweep(store, checkpoint: model.record.fingerprint)
        EncodingRates.usual.remember(
            tokens: report.tokens, seconds: report.encodingSeconds, shape: shape, threads: settings.crew.threads)
        report.collections = try inputs.enumerated().map { number, input in
            try built[number] ?? upToDate(input)
        }
        report.seconds = monotonicSeconds() - started
        return report
    }

    // MARK: Planning

    private func tokenize(_ missing: [[Int]]) throws -> EncodingPlan.Tokenized {
        let work = try CollectionTokenizer(model, threads: settings.crew.threads)
        let pending = zip(inputs, missing).filter { !$1.isEmpty }
        let progress = bar(
            "tokenizing \(name)", total: pending.reduce(0) { $0 + Double($1.0.texts.byteCount) }, unit: "texts")
        var result = EncodingPlan.Tokenized()
        for (number, input) in inputs.enumerated() where !missing[number].isEmpty {
            if shouldStop() { throw stopped() }
            progress.phase(input.name)
            let plan = try work.plan(input, missingLayers: missing[number], pool: &result.pool)
            result.collections.append((number, plan))
            progress.advance(weight: Double(input.texts.byteCount), items: input.texts.count)
        }
        progress.finish()
        return result
    }

    // MARK: Encoding

    /// The threads at work, and for each unit of the plan its spool; nil where nothing has to be encoded.
    private struct Work {
        var crew: EncodingCrew?
        var spools: [(spool: VectorSpool, source: Int, crewUnit: Int)?]
    }

    private func encodeAndPublish(
        _ plan: inout EncodingPlan, shape: VectorShape, work: WorkFolder, sources: VectorSources,
        publication: CollectionPublication, report: inout BuildReport.Checkpoint
    ) throws -> [Int: BuildReport.Collection] {
        let tally = EncodingTally()
        let team = try makeCrew(plan, shape: shape, work: work, sources: sources, tally: tally)
        defer {
            team.crew?.dismiss()
            report.add(tally)
        }
        team.crew?.start()
        var built: [Int: BuildReport.Collection] = [:]
        do {
            for (number, unit) in plan.units.enumerated() {
                if let spool = team.spools[number] { try team.crew?.wait(for: spool.crewUnit) }
                for index in unit.collections {
                    let collection = plan.collections[index]
                    let outcome = try publication.publish(
                        collection.plan, pool: plan.pool, locations: plan.locations, sources: sources)
                    built[collection.number] = plan.report(index, bytesWritten: outcome.bytesWritten)
                    if let source = outcome.source {
                        plan.relocate(index, to: source, from: team.spools[number]?.source)
                    }
                }
                if VectorReuse.canServe(settings.codec, shape.element) { try team.spools[number]?.spool.delete() }
            }
        } catch is EncodingCrew.Stopped {
            throw stopped()
        }
        // Kept until here where files cannot serve as sources.
        for spool in team.spools { try spool?.spool.delete() }
        tally.progress?.finish()
        return built
    }

    /// Makes the engine only when there is something to encode: packing weights takes seconds.
    private func makeCrew(
        _ plan: EncodingPlan, shape: VectorShape, work: WorkFolder, sources: VectorSources, tally: EncodingTally
    ) throws -> Work {
        var team = Work(crew: nil, spools: Array(repeating: nil, count: plan.units.count))
        guard plan.units.contains(where: { !$0.sequences.isEmpty }) else { return team }
        let highest = shape.layers.last ?? 0
        let engine = try model.makeEngine(highest)
        let operations = plan.operations(engine, upToLayer: highest)
        var units: [EncodingCrew.Unit] = []
        for (number, unit) in plan.units.enumerated() where !unit.sequences.isEmpty {
            let spool = try work.createSpool()
            guard let source = sources.add(.spool(spool)) else {
                throw IndexerError.tooManyTexts(
                    collection: unit.name, count: VectorLocation.sourceLimit, limit: VectorLocation.sourceLimit)
            }
            team.spools[number] = (spool, source, units.count)
            units.append(EncodingCrew.Unit(name: unit.name, sequences: unit.sequences, spool: spool, source: source))
        }
        let progress = bar(
            "encoding \(name)", total: plan.totalOperations(operations),
            unit: inputs.allSatisfy { $0.kind == .words } ? "words" : "texts", rate: .init(unit: "GFLOP/s", scale: 1e9))
        tally.progress = progress
        team.crew = EncodingCrew(
            engine: engine, pool: plan.pool, shape: shape, units: units, locations: plan.locations,
            operations: operations, settings: settings.crew,
            callbacks: callbacks(plan: plan, progress: progress, tally: tally))
        return team
    }

    private func callbacks(
        plan: EncodingPlan, progress: any ProgressReporter, tally: EncodingTally
    ) -> EncodingCrew.Callbacks {
        let record = model.record
        let owners = plan.collections.map(\.plan)
        return EncodingCrew.Callbacks(
            shouldStop: shouldStop,
            advance: { operations, sequences, tokens in
                tally.add(operations: operations, sequences: sequences, tokens: tokens)
                progress.advance(weight: operations, items: sequences)
            },
            phase: { progress.phase($0) },
            badVector: { sequence, layer in
                let owner =
                    owners.lazy.compactMap { plan -> (String, String)? in
                        plan.rowSequences.firstIndex(of: UInt32(sequence)).map {
                            (plan.input.name, plan.input.texts.string(at: Int(plan.rowTexts[$0])))
                        }
                    }.first ?? ("?", "?")
                return IndexerError.badVector(
                    checkpoint: record.name, folder: record.source, collection: owner.0, text: owner.1, layer: layer)
            })
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

    private func stopped() -> ConsoleError {
        .stopped(advice: "finished work is kept, run the same command again to go on")
    }

    private func remark(_ message: String) {
        if !settings.quiet { MessageStream.standardError.say("indexer: \(message)") }
    }

    private func bar(
        _ title: String, total: Double, unit: String, rate: ProgressBar.WeightRate? = nil
    ) -> any ProgressReporter {
        settings.quiet
            ? SilentProgress() : ProgressBar(title: title, totalWeight: total, itemUnit: unit, weightRate: rate)
    }
}
