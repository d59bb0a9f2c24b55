import Evaluation
import Fingerprinting
import Lookup
import Store

/// The vectors a store has of a teacher, at one layer, for some of its collections.
struct TeacherVectors: Sendable {
    struct Collection: Sendable {
        let record: CollectionRecord
        let texts: TextList
        /// [texts, C], as the student is to have them, not normalised.
        let rows: any VectorRows
    }

    let teacher: CheckpointRecord
    let layer: Int
    let collections: [Collection]
    /// C: the student's.
    let dimension: Int
    /// The teacher's own.
    let originalDimension: Int
    /// Share of the vectors' squared length that is kept when they are made shorter; nil when they are as long as the
    /// student's.
    let keptShare: Double?
    /// Collections without this layer, which were not asked for by name.
    let withoutLayer: [String]
    /// Of the stored vectors and their texts.
    let fingerprint: Fingerprint

    /// - Parameters:
    ///   - layer: the highest that is stored when nil.
    ///   - names: collections ("words/fi"), or "words" and "sentences" for all of these; all collections when empty.
    ///   - centers: whether each collection's mean is subtracted.
    ///   - student: what messages call it; `dimension`: its hidden size.
    /// - Throws: `DistillError`, `StoreError`, `EvaluationError.unusableVector` naming the row.
    init(
        _ checkpoint: StoredCheckpoint, layer: Int?, names: [String], centers: Bool, student: String, dimension: Int
    ) throws {
        let folder = checkpoint.store.folder
        var stored: [(record: CollectionRecord, layers: [LayerRecord])] = []
        for collection in checkpoint.collections {
            stored.append((collection, try checkpoint.layers(of: collection).filter { $0.dropped == nil }))
        }
        let numbers = Set(stored.flatMap { $0.layers.map(\.layer) })
        guard let chosen = layer ?? numbers.max(), numbers.contains(chosen) else {
            throw DistillError.noVectors(
                folder: folder, teacher: checkpoint.name, layer: layer, known: numbers.sorted())
        }
        let known = stored.filter { $0.layers.contains { $0.layer == chosen } }
        for name in names where !known.contains(where: { Self.matches($0.record.collection, name) }) {
            throw DistillError.unknownCollection(
                folder: folder, teacher: checkpoint.name, name: name, known: known.map(\.record.collection))
        }
        let wanted = known.filter { entry in
            names.isEmpty || names.contains { Self.matches(entry.record.collection, $0) }
        }
        let hash = FingerprintBuilder()
        hash.combine("teacher vectors 1")
        var collections: [Collection] = []
        for (record, layers) in wanted {
            guard let vectors = layers.first(where: { $0.layer == chosen }) else { continue }
            if let first = collections.first, first.rows.dimension != vectors.dimension {
                throw DistillError.unlikeDimensions(
                    teacher: checkpoint.name, first: first.record.collection, firstDimension: first.rows.dimension,
                    second: record.collection, secondDimension: vectors.dimension)
            }
            for part in [record.list, vectors.checksum] { hash.combine(part) }
            hash.combine(record.collection)
            let rows = try checkpoint.rows(of: vectors)
            collections.append(
                Collection(
                    record: record, texts: checkpoint.texts(of: record),
                    rows: centers ? try CenteredRows(rows) : rows))
        }
        teacher = checkpoint.record
        self.layer = chosen
        self.dimension = dimension
        originalDimension = collections[0].rows.dimension
        withoutLayer =
            names.isEmpty
            ? stored.map(\.record.collection).filter { name in !wanted.contains { $0.record.collection == name } } : []
        fingerprint = hash.finish()
        guard dimension <= originalDimension else {
            throw DistillError.studentTooWide(
                student: student, dimension: dimension, teacher: checkpoint.name, teacherDimension: originalDimension)
        }
        // A vector without a direction would end the training hours later.
        for collection in collections { try collection.rows.requireUsable() }
        if dimension < originalDimension {
            let directions = try PrincipalDirections(of: collections.map(\.rows), count: dimension)
            keptShare = directions.share
            self.collections = collections.map {
                Collection(record: $0.record, texts: $0.texts, rows: ReducedRows($0.rows, to: directions))
            }
        } else {
            keptShare = nil
            self.collections = collections
        }
    }

    /// Compared by bytes, as the catalogue's keys are.
    private static func matches(_ collection: String, _ name: String) -> Bool {
        collection.utf8.elementsEqual(name.utf8)
            || (["words", "sentences"].contains(name) && collection.utf8.starts(with: "\(name)/".utf8))
    }
}
