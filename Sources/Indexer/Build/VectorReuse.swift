import Console
import Fingerprinting
import Store

/// Finds vectors that need not be encoded: in the store, and in what interrupted runs left.
struct VectorReuse {
    let store: Store
    let checkpoint: CheckpointRecord
    let shape: VectorShape
    /// Another collection serves as a source only if it has at least this many of the sequences.
    let worthwhileSequences: Int
    let remark: (String) -> Void

    /// Whether vectors read from files of this codec are bit for bit those a new build would store.
    static func canServe(_ codec: Codec, _ element: VectorElement) -> Bool {
        codec.isExact && codec.elementBytes >= element.rawValue
    }

    func locate(_ plan: inout EncodingPlan, sources: VectorSources, work: WorkFolder) throws {
        try locateInStore(plan, sources: sources)
        try locateInWork(plan, sources: sources, work: work)
    }

    private func locateInWork(_ plan: EncodingPlan, sources: VectorSources, work: WorkFolder) throws {
        var source: Int?
        var found = 0
        let (bytesFound, bytesCut) = try work.recover(
            spool: { source = sources.add(.spool($0)) },
            visit: { digest, record, position in
                guard let source, let sequence = plan.pool.position(of: digest), plan.locations[sequence] == .unknown
                else { return }
                plan.locations[sequence] = VectorLocation(source: source, record: record, position: position)
                found += 1
            })
        if bytesCut > 0 {
            remark(
                "\(checkpoint.name): the last \(bytesCut) bytes of interrupted work were incomplete and are encoded "
                    + "again"
            )
        }
        if bytesFound > 0 {
            remark(
                "\(checkpoint.name): going on with interrupted work, "
                    + "\(Quantity.counted(found, "sequence of it is", "sequences of it are")) needed")
        }
    }

    /// What the store has; unfinished work is not looked at.
    func locateInStore(_ plan: EncodingPlan, sources: VectorSources) throws {
        let pending = Set(plan.collections.map(\.plan.input.name))
        for (name, collection) in try candidates(pending: pending) {
            guard let layers = try usableLayers(checkpoint: name, collection: collection),
                let digests = try store.sequenceDigests(checkpoint: name, collection: collection)
            else { continue }
            let rows = digests.count { plan.pool.position(of: $0).map { plan.locations[$0] == .unknown } ?? false }
            let own = name == checkpoint.name && pending.contains(collection)
            guard rows > 0, own || rows >= worthwhileSequences else { continue }
            // Damage must not travel into files whose checksums would then be right.
            guard layers.allSatisfy(store.isUndamaged) else {
                remark("\(name) \(collection): stored files are damaged and are not reused; run `indexer verify`")
                continue
            }
            guard let source = sources.add(.stored(layers)) else { return }
            for (row, digest) in digests.enumerated() {
                if let sequence = plan.pool.position(of: digest), plan.locations[sequence] == .unknown {
                    plan.locations[sequence] = VectorLocation(source: source, row: row)
                }
            }
        }
    }

    /// Stored collections of the same weights, under whatever name: the pending ones first, for they hold most.
    private func candidates(pending: Set<String>) throws -> [(checkpoint: String, collection: String)] {
        var result: [(checkpoint: String, collection: String)] = []
        for record in try store.checkpoints() {
            for collection in try store.collections(checkpoint: record.name)
            where collection.checkpointFingerprint == checkpoint.fingerprint {
                result.append((record.name, collection.collection))
            }
        }
        let own = { (entry: (checkpoint: String, collection: String)) in
            entry.checkpoint == checkpoint.name && pending.contains(entry.collection)
        }
        return result.filter(own) + result.filter { !own($0) }
    }

    /// The files of all layers of the run, or nil when one is missing or kept too coarsely.
    private func usableLayers(checkpoint: String, collection: String) throws -> [LayerRecord]? {
        let records = try store.layers(checkpoint: checkpoint, collection: collection)
        var result: [LayerRecord] = []
        for layer in shape.layers {
            guard let record = records.first(where: { $0.layer == layer }), record.dimension == shape.dimension,
                record.dropped == nil, record.computation == .ofEngine, Self.canServe(record.codec, shape.element)
            else { return nil }
            result.append(record)
        }
        return result
    }
}
