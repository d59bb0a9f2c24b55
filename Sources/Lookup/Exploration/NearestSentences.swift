import Evaluation
import Store

/// The sentences of a stored set that are nearest to a text.
package struct NearestSentences: Sendable {
    package struct Match: Sendable {
        package let row: Int
        package let text: String
        /// Line of the set's file, from 1.
        package let line: Int
        package let score: Double
    }

    package let set: String
    package let language: String
    package let layer: Int
    /// Best first.
    package let results: [Match]
}

extension StoredCheckpoint {
    /// Asks every stored set of sentences. A text that is stored itself is not encoded, and found as its own nearest.
    /// - Parameters:
    ///   - layer: the last one all sets have, when nil.
    ///   - encoder: for a text that is not stored as some set's sentences were made (`CollectionRecord.pooling`).
    /// - Returns: sorted by set and language, and whether the text is stored.
    /// - Throws: `LookupError.noSuchLayer`, `.noVector`
    package func sentences(
        nearestTo text: String, layer: Int?, top: Int, threads: Int, encoder: ([String: String]?) throws -> TextEncoder
    ) throws -> (isStored: Bool, sets: [NearestSentences]) {
        let sets = collections.compactMap { collection -> (record: CollectionRecord, set: String, language: String)? in
            guard case .sentences(let set, let language) = collection.name else { return nil }
            return (collection, set, language)
        }
        let shared = try sets.reduce(nil as [Int]?) { shared, next in
            let own = try layers(of: next.record).map(\.layer)
            return shared.map { $0.filter(own.contains) } ?? own
        }
        guard let number = layer ?? shared?.last else {
            throw LookupError.noSuchLayer(
                checkpoint: name, what: "sentences", layers: layer.map { [$0] } ?? [], known: [])
        }
        guard shared?.contains(number) == true else {
            throw LookupError.noSuchLayer(checkpoint: name, what: "sentences", layers: [number], known: shared ?? [])
        }
        // Vectors made in different ways are not compared: a query for each way there is.
        var queries: [[String: String]?: (vector: VectorMatrix, isStored: Bool)] = [:]
        for next in sets where queries[next.record.pooling]?.isStored != true {
            var text = text
            let row = try text.withUTF8 { try texts(of: next.record).row(of: $0) }
            if let row {
                let rows = try rows(of: self.layer(number, of: next.record))
                queries[next.record.pooling] = (try VectorMatrix(gathering: [row], of: rows), true)
            }
        }
        let answers = try sets.map { next in
            let query =
                try queries[next.record.pooling]
                ?? (encoded(text, layer: number, with: encoder(next.record.pooling)), false)
            queries[next.record.pooling] = query
            return NearestSentences(
                set: next.set, language: next.language, layer: number,
                results: try nearest(to: query.vector, in: next.record, layer: number, top: top, threads: threads))
        }
        return (queries.values.contains { $0.isStored }, answers)
    }

    private func encoded(_ text: String, layer: Int, with encoder: TextEncoder) throws -> VectorMatrix {
        let encoded = try encoder.encode([Array(text.utf8)], layers: [layer], threads: 1)
        if let reason = encoded.missing[0] { throw LookupError.noVector(text: text, checkpoint: name, reason: reason) }
        return try VectorMatrix(name: "'\(text)'", rows: 1, dimension: encoded.dimension) {
            $0.update(from: encoded.row(layer: 0, text: 0), count: encoded.dimension)
        }
    }

    private func nearest(
        to vector: VectorMatrix, in collection: CollectionRecord, layer: Int, top: Int, threads: Int
    ) throws -> [NearestSentences.Match] {
        let candidates = try rows(of: self.layer(layer, of: collection)), list = texts(of: collection)
        return try NearestRows.top(top, queries: vector, candidates: candidates, threads: threads)[0].map { match in
            let entry = try list.entry(at: match.row)
            return .init(row: match.row, text: entry.text, line: Int(entry.rank), score: Double(match.score))
        }
    }
}
