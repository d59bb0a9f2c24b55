import Evaluation
import Store

/// Means over the pairs of one checkpoint and dataset, layer by layer: what "the best layer" is told by.
package struct LayerMeans: Sendable {
    package struct Layer: Sendable {
        package let layer: Int
        /// "0-8:mean" for a mean of layers; nil for a layer as it is.
        package let mean: String?
        /// Pairs the means are over.
        package let pairs: Int
        /// Key → mean over the pairs that have the value.
        package let means: [String: Double]

        package var name: String { mean ?? "\(layer)" }

        package func holds(_ record: ResultRecord) -> Bool { record.layer == layer && record.mean == mean }
    }

    package let task: String
    package let checkpoint: String
    package let dataset: String
    /// Ascending, means after the layers.
    package let layers: [Layer]
    /// The layers a best one is chosen among: those of the most pairs.
    package let candidates: [Layer]
    /// The layer with the highest mean headline score, among those that have the most pairs; the lowest among equals.
    package let best: Layer?

    /// One element per (checkpoint, dataset), in the order they first appear.
    package static func of(_ records: [ResultRecord], schema: ResultSchema) -> [LayerMeans] {
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
        let byLayer = Dictionary(grouping: records, by: \.layerName)
        let heads = byLayer.values.compactMap(\.first).sorted {
            ($0.mean == nil ? 0 : 1, $0.layer, $0.mean ?? "") < ($1.mean == nil ? 0 : 1, $1.layer, $1.mean ?? "")
        }
        layers = heads.map { head in
            let rows = byLayer[head.layerName] ?? []
            var means: [String: Double] = [:]
            for value in schema.values {
                // Summed in the order of the records, which is sorted: the same bits every time.
                let known = rows.compactMap { $0.values[value.key] }
                if !known.isEmpty { means[value.key] = known.reduce(0, +) / Double(known.count) }
            }
            return Layer(layer: head.layer, mean: head.mean, pairs: rows.count, means: means)
        }
        let most = layers.map(\.pairs).max() ?? 0
        candidates = layers.filter { $0.pairs == most && $0.means[schema.headline] != nil }
        best = LayerSelection.best(candidates.map { $0.means[schema.headline] }).map { [candidates] in candidates[$0] }
    }
}
