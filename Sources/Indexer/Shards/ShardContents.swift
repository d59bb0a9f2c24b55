import Files
import Encoder
import Fingerprinting
import Store

/// What the store of a shard must have, no more and no less: the plan's collections of its checkpoint, at the plan's
/// layers, computed from the plan's inputs with the plan's arithmetic.
struct ShardContents {
    let plan: ShardPlan
    let shard: Int
    /// For messages.
    let folder: String

    private var checkpoint: ShardPlan.Checkpoint {
        guard let found = plan.checkpoint(of: plan.shards[shard]) else {
            preconditionFailure("a plan's shards are of its checkpoints")
        }
        return found
    }

    /// Names of its collections, in the order of the catalogue.
    var collections: [String] { planned.map(\.name).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

    private var planned: [ShardPlan.Collection] { plan.inputs(of: plan.shards[shard]).flatMap(\.collections) }

    /// The records of all its layer files.
    /// - Throws: `ShardError.damagedShard`, `.otherArithmetic`; `StoreError`.
    func layers(in store: Store) throws -> [LayerRecord] {
        let checkpoint = self.checkpoint
        let found = try store.checkpoints()
        guard found.map(\.name) == [checkpoint.name], found[0].fingerprint == checkpoint.fingerprint else {
            throw damaged(
                "checkpoint '\(checkpoint.name)' (\(checkpoint.fingerprint.short)) alone",
                found.isEmpty ? "none" : found.map { "'\($0.name)' (\($0.fingerprint.short))" }.joined(separator: ", "))
        }
        let there = try store.collections(checkpoint: checkpoint.name)
        guard there.map(\.collection) == collections else {
            let (more, fewer) = (Set(there.map(\.collection)), Set(collections))
            throw damaged(
                "\(fewer.count) collections",
                (fewer.subtracting(more).sorted().map { "no \($0)" } + more.subtracting(fewer).sorted())
                    .joined(separator: ", "))
        }
        let codec = try PlannedInputs(plan: plan, path: folder).options().codec
        let expected = Dictionary(uniqueKeysWithValues: planned.map { ($0.name, $0.fingerprint) })
        return try there.flatMap { collection in
            try layers(of: collection, texts: expected[collection.collection], codec: codec, in: store)
        }
    }

    private func layers(
        of collection: CollectionRecord, texts: Fingerprint?, codec: Codec, in store: Store
    ) throws -> [LayerRecord] {
        let name = collection.collection
        guard let texts, collection.sourceFingerprint == texts else {
            throw damaged(
                "\(name) of the texts \(texts?.short ?? "of the plan")", collection.sourceFingerprint.short)
        }
        let kind: CollectionInput.Kind = collection.wordLanguage == nil ? .sentences : .words
        let pooling = kind == .words ? checkpoint.wordPooling : checkpoint.sentencePooling
        let dimension = checkpoint.dimension(of: kind)
        guard collection.pooling == pooling else {
            let text = { (fields: [String: String]?) in fields.map(SentenceConvention.text) ?? "as in the paper" }
            throw damaged("\(name) pooled \(text(pooling))", "pooled \(text(collection.pooling))")
        }
        let records = try store.layers(checkpoint: checkpoint.name, collection: name)
        guard records.map(\.layer) == checkpoint.layers else {
            throw damaged(
                "\(name) at layers \(LayerSelection.some(checkpoint.layers).text)",
                records.isEmpty ? "none" : LayerSelection.some(records.map(\.layer)).text)
        }
        for record in records {
            guard record.computation == plan.computation else {
                throw ShardError.otherArithmetic(
                    place: folder, expected: "\(plan.arithmetic), \(plan.precision)",
                    found: "\(record.computation.arithmetic), \(record.computation.precision) in \(record.file)")
            }
            let fingerprint = LayerFingerprint.of(
                checkpoint: checkpoint.fingerprint, texts: texts, layer: record.layer, codec: codec,
                pooling: pooling, computation: plan.computation)
            guard record.fingerprint == fingerprint, record.rows == collection.rows, record.codec == codec,
                record.dimension == dimension
            else {
                throw damaged(
                    "\(record.file): \(collection.rows) × \(dimension) \(codec), computed from what was "
                        + "planned (\(fingerprint.short))",
                    "\(record.rows) × \(record.dimension) \(record.codec) (\(record.fingerprint.short))")
            }
        }
        return records
    }

    private func damaged(_ expected: String, _ found: String) -> ShardError {
        .damagedShard(folder: folder, index: shard, expected: expected, found: found)
    }
}
