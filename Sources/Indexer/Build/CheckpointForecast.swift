import Console
import Fingerprinting
import Store

/// What a build of one checkpoint would do: reads, tokenises and compares as the build does, and writes nothing.
struct CheckpointForecast {
    /// Nil where there is none yet.
    let store: Store?
    let model: EncodingModel
    let inputs: [CollectionInput]
    let settings: BuildSettings
    let rates: EncodingRates
    let shouldStop: () -> Bool
    let remark: (String) -> Void

    /// - Throws: `ConsoleError.stopped`; errors of every room below.
    func run() throws -> BuildForecast.Checkpoint {
        let record = model.record
        let layers = try settings.layers.numbers(checkpoint: record.name, layerCount: record.layerCount)
        let missing = try inputs.map { input in
            try store.map {
                try LayerFingerprint.missing(
                    layers, of: input, codec: settings.codec, model: model, in: $0,
                    withoutDropped: settings.isEphemeral)
            } ?? layers
        }
        var forecast = BuildForecast.Checkpoint(name: record.name, layers: layers)
        forecast.upToDate = missing.count(where: \.isEmpty)
        if forecast.upToDate < inputs.count {
            let groups = model.groups(of: inputs, layers: layers, codec: settings.codec)
            var collections: [Int: BuildReport.Collection] = [:]
            for (group, tokenized) in zip(groups, try tokenize(missing, groups)) where !tokenized.collections.isEmpty {
                try add(tokenized, of: group, to: &forecast, &collections)
            }
            forecast.collections = inputs.indices.compactMap { collections[$0] }
        }
        if let store,
            try WorkFolder.leftovers(store: store.root).contains(where: { $0.note?.checkpoint == record.name })
        {
            remark("\(record.name): unfinished work of an earlier build may save some of this")
        }
        let rate = rates.tokensPerSecond(
            highestLayer: layers.last ?? 0, hiddenSize: record.hiddenSize, threads: settings.crew.threads)
        forecast.seconds = forecast.tokens == 0 ? 0 : rate.map { Double(forecast.tokens) / $0 }
        return forecast
    }

    private func add(
        _ tokenized: EncodingPlan.Tokenized, of group: VectorGroup, to forecast: inout BuildForecast.Checkpoint,
        _ collections: inout [Int: BuildReport.Collection]
    ) throws {
        var plan = try EncodingPlan(tokenized, unitOf: EncodingPlan.unitName)
        if let problem = plan.memoryProblem(group.shape, codec: settings.codec, limitBytes: settings.memoryBytes) {
            remark("the build would stop: \(problem)")
        }
        if let store {
            try VectorReuse(
                store: store, checkpoint: model.record, shape: group.shape,
                worthwhileSequences: settings.worthwhileSequences, remark: remark
            ).locateInStore(plan, sources: VectorSources(store: store, shape: group.shape))
        }
        plan.divideIntoUnits()
        for unit in plan.units {
            forecast.sequences += unit.sequences.count
            forecast.tokens += unit.sequences.reduce(0) { $0 + plan.pool.length(at: Int($1)) }
        }
        for (index, collection) in plan.collections.enumerated() {
            let files =
                collection.plan.missingLayers.count * collection.plan.rows
                * settings.codec.rowBytes(dimension: group.shape.dimension)
            forecast.fileBytes += files
            collections[collection.number] = plan.report(index, bytesWritten: files)
        }
        forecast.neededBytes += plan.neededBytes(group.shape, codec: settings.codec)
    }

    private func tokenize(_ missing: [[Int]], _ groups: [VectorGroup]) throws -> [EncodingPlan.Tokenized] {
        let pending = zip(inputs, missing).filter { !$1.isEmpty }.map(\.0)
        if let said = PlanningMemory.remark(
            pending, checkpoint: model.record.name, limitBytes: settings.memoryBytes)
        {
            remark(said)
        }
        return try CollectionTokenizer(model, threads: settings.crew.threads).tokenize(
            inputs, missing: missing, groups: groups
        ) { _ in
            if shouldStop() { throw ConsoleError.stopped(advice: "nothing was written") }
        }
    }
}
