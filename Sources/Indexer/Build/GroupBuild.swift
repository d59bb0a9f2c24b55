import Console
import Store

/// Encodes and publishes what is missing of one group of a checkpoint's inputs.
struct GroupBuild {
    /// Of the whole checkpoint.
    private let build: CheckpointBuild
    private let group: VectorGroup
    private let plan: EncodingPlan
    private let work: WorkFolder
    private let sources: VectorSources

    /// Plans: finds what is stored and what an interrupted run left.
    /// - Parameter tokenized: what is missing, at least one collection.
    /// - Throws: `IndexerError.workInUse`; errors of every room below.
    init(_ build: CheckpointBuild, _ group: VectorGroup, _ tokenized: EncodingPlan.Tokenized) throws {
        (self.build, self.group) = (build, group)
        let record = build.model.record
        var plan = try EncodingPlan(tokenized, unitOf: EncodingPlan.unitName)
        work = try WorkFolder(store: build.store, checkpoint: record, shape: group.shape)
        sources = VectorSources(store: build.store, shape: group.shape)
        let reuse = VectorReuse(
            store: build.store, checkpoint: record, shape: group.shape,
            worthwhileSequences: build.settings.worthwhileSequences, remark: build.remark)
        if let problem = plan.memoryProblem(
            group.shape, codec: build.settings.codec, limitBytes: build.settings.memoryBytes)
        {
            throw problem
        }
        try reuse.locate(&plan, sources: sources, work: work)
        plan.divideIntoUnits(window: build.settings.windowSequences)
        self.plan = plan
    }

    var neededBytes: Int { plan.neededBytes(group.shape, codec: build.settings.codec) }

    /// - Returns: what was built, by position in the list of inputs.
    /// - Throws: `ConsoleError.stopped`; errors of every room below.
    func run(_ report: inout BuildReport.Checkpoint) throws -> [Int: BuildReport.Collection] {
        let publication = CollectionPublication(
            store: build.store, checkpoint: build.model.record, shape: group.shape, codec: build.settings.codec,
            partBytes: build.settings.partBytes, shouldStop: build.shouldStop)
        let built = try encodeAndPublish(publication, &report)
        try work.sweep(build.store, checkpoint: build.model.record.fingerprint)
        return built
    }

    /// The threads at work, and for each unit of the plan its spool; nil where nothing has to be encoded.
    private struct Work {
        var crew: EncodingCrew?
        var spools: [(spool: VectorSpool, source: Int, crewUnit: Int)?]
    }

    private func encodeAndPublish(
        _ publication: CollectionPublication, _ report: inout BuildReport.Checkpoint
    ) throws -> [Int: BuildReport.Collection] {
        let tally = EncodingTally()
        let team = try makeCrew(tally)
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
                if VectorReuse.canServe(build.settings.codec, group.shape.element) {
                    try team.spools[number]?.spool.delete()
                }
            }
        } catch is EncodingCrew.Stopped {
            throw build.stopped()
        }
        // Kept until here where files cannot serve as sources.
        for spool in team.spools { try spool?.spool.delete() }
        tally.progress?.finish()
        return built
    }

    /// Makes the engine only when there is something to encode: packing weights takes seconds.
    private func makeCrew(_ tally: EncodingTally) throws -> Work {
        var team = Work(crew: nil, spools: Array(repeating: nil, count: plan.units.count))
        guard plan.units.contains(where: { !$0.sequences.isEmpty }) else { return team }
        let highest = group.shape.layers.last ?? 0
        let engine = try build.model.makeEngine(highest, group.dense)
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
        let areWords = group.inputs.allSatisfy { build.inputs[$0].kind == .words }
        let progress = build.bar(
            "encoding \(build.name)", total: plan.totalOperations(operations), unit: areWords ? "words" : "texts",
            rate: .init(unit: "GFLOP/s", scale: 1e9))
        tally.progress = progress
        team.crew = EncodingCrew(
            engine: engine, pool: plan.pool, shape: group.shape, units: units, locations: plan.locations,
            operations: operations, settings: build.settings.crew, callbacks: callbacks(progress, tally))
        return team
    }

    private func callbacks(_ progress: any ProgressReporter, _ tally: EncodingTally) -> EncodingCrew.Callbacks {
        let record = build.model.record
        let owners = plan.collections.map(\.plan)
        return EncodingCrew.Callbacks(
            shouldStop: build.shouldStop,
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
}
