import Fingerprinting

/// The catalogue's values as records. What does not decode, or decodes to nonsense, is an error that names its key.
extension Transaction {
    func record<Record: StoredRecord>(
        _ type: Record.Type, in database: Database, _ key: [UInt8]
    ) throws -> Record? {
        try withValue(database, key) { value in
            try RecordCoding.read(type, from: value, under: key, of: database.name, folder: folder)
        }
    }

    /// In key order.
    func records<Record: StoredRecord>(
        _ type: Record.Type, in database: Database, prefix: [UInt8] = []
    ) throws -> [Record] {
        var records: [Record] = []
        try forEach(database, prefix: prefix) { key, value in
            records.append(
                try RecordCoding.read(type, from: value, under: [UInt8](key), of: database.name, folder: folder))
            return true
        }
        return records
    }

    func checkpoint(_ name: String) throws -> CheckpointRecord? {
        try record(CheckpointRecord.self, in: databases.checkpoints, CatalogueKey.checkpoint(name))
    }

    func collection(_ collection: String, checkpoint: String) throws -> CollectionRecord? {
        try record(
            CollectionRecord.self, in: databases.collections,
            CatalogueKey.collection(collection, checkpoint: checkpoint))
    }

    func collections(of checkpoint: String) throws -> [CollectionRecord] {
        try records(
            CollectionRecord.self, in: databases.collections, prefix: CatalogueKey.collections(of: checkpoint))
    }

    func layer(_ layer: Int, of collection: String, checkpoint: String) throws -> LayerRecord? {
        guard CatalogueKey.layerRange.contains(layer) else { return nil }
        return try record(
            LayerRecord.self, in: databases.layers,
            CatalogueKey.layer(layer, of: collection, checkpoint: checkpoint))
    }

    func layers(of collection: String, checkpoint: String) throws -> [LayerRecord] {
        try records(
            LayerRecord.self, in: databases.layers, prefix: CatalogueKey.layers(of: collection, checkpoint: checkpoint))
    }

    func list(_ list: Fingerprint) throws -> TextListRecord? {
        try record(TextListRecord.self, in: databases.lists, CatalogueKey.list(list))
    }
}

/// A record that can tell whether it is the one its key promises.
protocol StoredRecord: Codable {
    /// What is wrong with the record under a key; nil when nothing is.
    func problem(underKey key: [UInt8]) -> (expected: String, found: String)?
    /// What is wrong with the bytes it was read from; nil when nothing is, and for records without a checksum.
    func problem(inBytes bytes: UnsafeRawBufferPointer) -> (expected: String, found: String)?
}

extension StoredRecord {
    func problem(inBytes bytes: UnsafeRawBufferPointer) -> (expected: String, found: String)? { nil }
}

extension CheckpointRecord: StoredRecord {
    func problem(underKey key: [UInt8]) -> (expected: String, found: String)? {
        if CatalogueKey.checkpoint(name) != key { return ("a record of this checkpoint", "one of '\(name)'") }
        if let reason = StoreName.problem(checkpoint: name) {
            return ("a name a checkpoint can have", "'\(name)': \(reason)")
        }
        guard RecordLimits.dimension.contains(hiddenSize), RecordLimits.layerCount.contains(layerCount),
            RecordLimits.subwords.contains(vocabularySize)
        else { return ("sizes of a model", "\(hiddenSize) wide, \(layerCount) layers, \(vocabularySize) subwords") }
        return nil
    }
}

extension CollectionRecord: StoredRecord {
    func problem(underKey key: [UInt8]) -> (expected: String, found: String)? {
        if CatalogueKey.collection(collection, checkpoint: checkpoint) != key {
            return ("a record of this collection", "one of '\(checkpoint)' '\(collection)'")
        }
        if let problem = StoreName.problem(checkpoint: checkpoint, collection: collection) { return problem }
        if !RecordLimits.rows.contains(rows) { return ("0 … \(UInt32.max) rows", "\(rows)") }
        let counts = [truncated, top ?? 0] + skipped.values
        if let odd = counts.first(where: { !RecordLimits.count.contains($0) }) { return ("counts of texts", "\(odd)") }
        return nil
    }
}

extension LayerRecord: StoredRecord {
    func problem(underKey key: [UInt8]) -> (expected: String, found: String)? {
        guard CatalogueKey.layerRange.contains(layer),
            CatalogueKey.layer(layer, of: collection, checkpoint: checkpoint) == key
        else { return ("a record of this layer", "one of '\(checkpoint)' '\(collection)' \(layer)") }
        if let problem = StoreName.problem(checkpoint: checkpoint, collection: collection) { return problem }
        // A record must not lead out of its own folder, nor to a file of another kind.
        let folder = StoreLayout.folder(checkpoint: checkpoint, collection: collection) + "/"
        if !file.utf8.starts(with: folder.utf8) || file.utf8.dropFirst(folder.utf8.count).contains(UInt8(ascii: "/")) {
            return ("a file in \(folder)", "'\(file)'")
        }
        if !StoreLayout.isLayerFile(file) { return ("a file named like layer-07.0123456789ab.faiss", "'\(file)'") }
        guard RecordLimits.rows.contains(rows), RecordLimits.dimension.contains(dimension),
            RecordLimits.bytes.contains(bytes)
        else { return ("sizes of a file", "\(rows) rows of \(dimension) in \(bytes) bytes") }
        if !RecordLimits.seconds.contains(created) { return ("seconds since 1970", "\(created)") }
        if let dropped, !RecordLimits.seconds.contains(dropped) { return ("seconds since 1970", "\(dropped)") }
        return metric == "inner_product" ? nil : ("metric inner_product", "'\(metric)'")
    }
}

extension ResultRecord: StoredRecord {
    func problem(underKey key: [UInt8]) -> (expected: String, found: String)? {
        if CatalogueKey.result(task: task, fingerprint: fingerprint) != key {
            return ("a result of this task and fingerprint", "one of '\(task)' \(fingerprint.short)")
        }
        return oddNumber
    }

    /// A number that no evaluation gives.
    var oddNumber: (expected: String, found: String)? {
        if !RecordLimits.layerCount.contains(layer) { return ("a layer of 0 … 999", "\(layer)") }
        if !RecordLimits.seconds.contains(created) { return ("seconds since 1970", "\(created)") }
        // NaN is in no range.
        for name in values.keys.sorted() {
            if let value = values[name], !RecordLimits.value.contains(value) {
                return ("a number for \(name)", "\(value)")
            }
        }
        return nil
    }

    func problem(inBytes bytes: UnsafeRawBufferPointer) -> (expected: String, found: String)? {
        // Results of earlier versions have none; who reads them has to know that nothing vouches for them.
        guard let checksum else { return nil }
        let expected = ResultChecksum.expected(bytes)
        return expected == checksum
            ? nil
            : (
                "checksum \(checksum.short) of what was written",
                expected.map(\.short) ?? "other JSON than Polylex writes"
            )
    }
}

extension TextListRecord: StoredRecord {
    func problem(underKey key: [UInt8]) -> (expected: String, found: String)? {
        RecordLimits.rows.contains(rows) && RecordLimits.bytes.contains(bytes)
            ? nil : ("0 … \(UInt32.max) rows", "\(rows) of \(bytes) bytes")
    }
}

/// What numbers of a record may be, far beyond any real one and far below where arithmetic on them ends: a catalogue
/// may come from anybody.
enum RecordLimits {
    /// Rows are numbered by UInt32.
    static let rows = 0...Int(UInt32.max)
    static let dimension = 1...FaissHeader.largestDimension
    /// A pebibyte. `Int` holds the sum of 8,000 of them, and sums are saturating.
    static let bytes = 0...(1 << 50)
    /// Counts of texts in a source file.
    static let count = 0...(1 << 40)
    static let layerCount = 0...999
    static let subwords = 0...Int(Int32.max)
    /// Seconds since 1970: 31,000 years to either side.
    static let seconds = -1e12...1e12
    /// Scores are about 1, counts are whole numbers that a double holds exactly.
    static let value = -0x1p53...0x1p53
}

extension Sequence<Int> {
    /// The sum; the largest `Int` when it is larger. For sizes of files, which a record or a sparse file can make
    /// arbitrary.
    package func saturatingSum() -> Int {
        reduce(0) { sum, next in
            let (result, overflow) = sum.addingReportingOverflow(next)
            return overflow ? (next < 0 ? Int.min : Int.max) : result
        }
    }
}
