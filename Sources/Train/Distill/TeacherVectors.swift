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

        /// - Throws: `DistillError.noDirection`.
        fileprivate func requireDirections() throws {
            do {
                try rows.requireUsable()
            } catch EvaluationError.unusableVector(_, let row) {
                throw DistillError.noDirection(collection: record.collection, text: try texts.entry(at: row).text)
            }
        }
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
    /// What is not learnt though nobody chose to leave it out, with the reason: no vectors of this layer, or of earlier
    /// weights.
    let leftOut: [(collection: String, reason: String)]
    /// Of the stored vectors and their texts.
    let fingerprint: Fingerprint

    private typealias Chosen = (record: CollectionRecord, vectors: LayerRecord)

    /// - Parameters:
    ///   - layer: the highest that is stored when nil.
    ///   - names: collections ("words/fi"), or "words" and "sentences" for all of these; all collections when empty.
    ///   - centers: whether each collection's mean is subtracted.
    ///   - student: what messages call it; `dimension`: its hidden size.
    /// - Throws: `DistillError`, `StoreError`, `EvaluationError.unusableVector` naming the row.
    init(
        _ checkpoint: StoredCheckpoint, layer: Int?, names: [String], centers: Bool, student: String, dimension: Int
    ) throws {
        let (layer, wanted, leftOut) = try Self.choose(checkpoint, layer: layer, names: names)
        teacher = checkpoint.record
        self.layer = layer
        self.leftOut = leftOut
        self.dimension = dimension
        let first = wanted[0]
        if let other = wanted.first(where: { $0.vectors.dimension != first.vectors.dimension }) {
            throw DistillError.unlikeDimensions(
                teacher: checkpoint.name, first: first.record.collection, firstDimension: first.vectors.dimension,
                second: other.record.collection, secondDimension: other.vectors.dimension)
        }
        originalDimension = first.vectors.dimension
        guard dimension <= originalDimension else {
            throw DistillError.studentTooWide(
                student: student, dimension: dimension, teacher: checkpoint.name, teacherDimension: originalDimension)
        }
        let hash = FingerprintBuilder()
        hash.combine("teacher vectors 1")
        var rows = try wanted.map { record, vectors -> any VectorRows in
            for part in [record.list, vectors.checksum] { hash.combine(part) }
            hash.combine(record.collection)
            let stored = try checkpoint.rows(of: vectors)
            // Both read every vector and name the first that cannot be used.
            if centers { return try CenteredRows(stored) }
            try stored.requireUsable()
            return stored
        }
        fingerprint = hash.finish()
        if dimension < originalDimension {
            let directions = try PrincipalDirections(of: rows, count: dimension)
            keptShare = directions.share
            rows = rows.map { ReducedRows($0, to: directions) }
        } else {
            keptShare = nil
        }
        collections = zip(wanted, rows).map {
            Collection(record: $0.record, texts: checkpoint.texts(of: $0.record), rows: $1)
        }
        // Less its mean, or with fewer values, a sound vector may have no direction: known now, not hours later.
        if centers || keptShare != nil { for collection in collections { try collection.requireDirections() } }
    }

    /// - Returns: the layer, the collections that have vectors of it, those that were not asked for by name and have
    ///   none. At least one is wanted.
    private static func choose(
        _ checkpoint: StoredCheckpoint, layer: Int?, names: [String]
    ) throws -> (layer: Int, wanted: [Chosen], leftOut: [(collection: String, reason: String)]) {
        let folder = checkpoint.store.folder
        let stored = try checkpoint.collections.flatMap { record in
            try checkpoint.layers(of: record).filter { $0.dropped == nil }.map { (record: record, vectors: $0) }
        }
        let numbers = Set(stored.map(\.vectors.layer)).sorted()
        guard let layer = layer ?? numbers.last, numbers.contains(layer) else {
            throw DistillError.noVectors(folder: folder, teacher: checkpoint.name, layer: layer, known: numbers)
        }
        let known = stored.filter { $0.vectors.layer == layer }
        for name in names where !known.contains(where: { matches($0.record.collection, name) }) {
            throw DistillError.unknownCollection(
                folder: folder, teacher: checkpoint.name, name: name, known: known.map(\.record.collection))
        }
        guard names.isEmpty else {
            return (layer, known.filter { entry in names.contains { matches(entry.record.collection, $0) } }, [])
        }
        let without = checkpoint.collections.map(\.collection).filter { name in
            !known.contains { $0.record.collection == name }
        }
        return (
            layer, known,
            without.map { ($0, "no vectors of this layer") }
                + checkpoint.staleCollections.map { ($0.collection, "of earlier weights") }
        )
    }

    /// Compared by bytes, as the catalogue's keys are.
    private static func matches(_ collection: String, _ name: String) -> Bool {
        collection.utf8.elementsEqual(name.utf8)
            || (["words", "sentences"].contains(name) && collection.utf8.starts(with: "\(name)/".utf8))
    }
}
