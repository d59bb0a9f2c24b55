import Store

extension EncodingPlan {
    /// Collections whose sequences are encoded together: each vocabulary alone, so that it can be asked as soon as
    /// possible; all sentence sets at once, for they are many and small.
    static func unitName(_ input: CollectionInput) -> String { input.kind == .words ? input.name : "sentences" }

    /// Spools and layer files, generously: two units' spools exist at a time (all of them for a codec whose files
    /// cannot serve as source), and the catalogue holds every text twice.
    func neededBytes(_ shape: VectorShape, codec: Codec) -> Int {
        let spools = units.map { $0.sequences.count * (shape.sequenceBytes + 16) }
        let two = zip(spools, spools.dropFirst() + [0]).map(+).max() ?? 0
        let spoolBytes = VectorReuse.canServe(codec, shape.element) ? two : spools.reduce(0, +)
        let files = collections.reduce(0) { sum, collection in
            let missing = collection.plan.missingLayers.count
            return sum + missing * collection.plan.rows * codec.rowBytes(dimension: shape.dimension)
                + 3 * collection.plan.input.texts.byteCount + 150 * collection.plan.rows
        }
        return spoolBytes + files + 16_000_000
    }

    /// What is wrong when a layer does not go into memory that has to: a graph is built by FAISS over all vectors,
    /// which copies them. Other codecs are written part by part.
    func memoryProblem(_ shape: VectorShape, codec: Codec, limitBytes: Int) -> IndexerError? {
        guard codec == .hnsw else { return nil }
        for collection in collections.map(\.plan) {
            let needed = collection.rows * (shape.vectorBytes + codec.rowBytes(dimension: shape.dimension))
            if needed > limitBytes {
                return .notEnoughMemory(
                    collection: collection.input.name, rows: collection.rows, neededBytes: needed,
                    limitBytes: limitBytes)
            }
        }
        return nil
    }
}

extension Codec {
    /// Of a layer file, about.
    func rowBytes(dimension: Int) -> Int {
        switch self {
        case .fp16: 2 * dimension
        case .fp32: 4 * dimension
        case .sq8: dimension
        case .hnsw: 4 * dimension + 300
        }
    }
}
