import Store

/// Means over the pairs of one checkpoint and dataset, layer by layer: what "the best layer" is told by.
struct LayerMeans: Sendable {
    struct Layer: Sendable {
        let layer: Int
        /// Pairs the means are over.
        let pairs: Int
        /// Key → mean over the pairs that have the value.
        let means: [String: Double]
    }

    let task: String
    let checkpoint: String
    let dataset: String
    /// Ascending.
    let layers: [Layer]
    /// The layer with the highest mean headline score, among those that have the most pairs; the lowest among equals.
    let best: Layer?

    /// One element per (checkpoint, dataset), in the order they first appear.
    static func of(_ records: [ResultRecord], schema: ResultSchema) -> [LayerMeans] {
        var order: [[String]] = []
        var groups: [[String]: [ResultRecord]] = [:]
        for record in records {
            let key = [record.checkpoint, record.dataset]
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(record)
        }
        return order.map { key in LayerMeans(key, groups[key] ?? [], schema: schema) }
    }

    private init(_ key: [String], _ records: [ResultRecord], schema: ResultSchema) {
        task = schema.task
        checkpoint = key[0]
        dataset = key[1]
        let byLayer = Dictionary(grouping: records, by: \.layer)
        layers = byLayer.keys.sorted().map { layer in
            let rows = byLayer[layer] ?? []
            var means: [String: Double] = [:]
            for value in schema.values {
                // Summed in the order of the records, which is sorted: the same bits every time.
                let known = rows.compactMap { $0.values[value.key] }
                if !known.isEmpty { means[value.key] = known.reduce(0, +) / Double(known.count) }
            }
            return Layer(layer: layer, pairs: rows.count, means: means)
        }
        let most = layers.map(\.pairs).max() ?? 0
        var best: Layer?
        for layer in layers where layer.pairs == most {
            guard let score = layer.means[schema.headline] else { continue }
            if best.flatMap({ $0.means[schema.headline] }).map({ score > $0 }) ?? true { best = layer }
        }
        self.best = best
    }
}
