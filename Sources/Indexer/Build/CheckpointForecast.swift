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
        let shape = VectorShape(
            layers: layers, dimension: record.hiddenSize, element: VectorElement(for: settings.codec))
        var forecast = BuildForecast.Checkpoint(name: record.name, layers: layers)
        var plan = try EncodingPlan(tokenize(missing), unitOf: EncodingPlan.unitName)
        if let store {
            try VectorReuse(
                store: store, checkpoint: record, shape: shape, worthwhileSequences: settings.worthwhileSequences,
                remark: remark
            ).locateInStore(plan, sources: VectorSources(store: store, shape: shape))
            if try WorkFolder.leftovers(store: store.root).contains(where: { $0.note?.checkpoint == record.name }) {
                remark("\(record.name): unfinished work of an earlier build may save some of this")
            }
        }
        plan.divideIntoUnits()
        for unit in plan.units {
            forecast.sequences += unit.sequences.count
            forecast.tokens += unit.sequences.reduce(0) { $0 + plan.pool.length(at: Int($1)) }
        }
        for (index, collection) in plan.collections.enumerated() {
            let files =
                collection.plan.missingLayers.count * collection.plan.rows
                * settings.codec.rowBytes(dimension: record.hiddenSize)
            forecast.fileBytes += files
            forecast.collections.append(plan.report(index, bytesWritten: files))
        }
        forecast.upToDate = missing.count(where: \.isEmpty)
        forecast.neededBytes = plan.collections.isEmpty ? 0 : plan.neededBytes(shape, codec: settings.codec)
        forecast.seconds =
            forecast.tokens == 0
            ? 0
            : rates.tokensPerSecond(shape, threads: settings.crew.threads).map { Double(forecast.tokens) / $0 }
        return forecast
    }

    private func tokenize(_ missing: [[Int]]) throws -> EncodingPlan.Tokenized {
        var result = EncodingPlan.Tokenized()
        guard !missing.allSatisfy(\.isEmpty) else { return result }
        let work = try CollectionTokenizer(model, threads: settings.crew.threads)
        for (number, input) in inputs.enumerated() where !missing[number].isEmpty {
            if shouldStop() { throw ConsoleError.stopped(advice: "nothing was written") }
            let plan = try work.plan(input, missingLayers: missing[number], pool: &result.pool)
            result.collections.append((number, plan))
        }
        return result
    }
}
