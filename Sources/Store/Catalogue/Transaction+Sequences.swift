import Fingerprinting

/// Digests of the token sequences behind a collection's rows, 16 bytes a row: they tell which rows of a file can be
/// used again. Kept once under a name made of their content, however many checkpoints of one tokenizer share them; in
/// stores of format 1 under checkpoint and collection.
extension Transaction {
    /// In row order; nil when none are kept.
    /// - Throws: `StoreError.damagedCatalogue`.
    func digests(of collection: CollectionRecord) throws -> [Fingerprint]? {
        try withDigests(of: collection) { value, place in
            guard value.count == collection.rows * 16 else {
                throw StoreError.damagedCatalogue(
                    folder: folder, key: place, expected: "\(collection.rows) × 16 bytes",
                    found: "\(value.count) bytes")
            }
            return stride(from: 0, to: value.count, by: 16).map {
                Fingerprint(bigEndian: UnsafeRawBufferPointer(rebasing: value[$0..<$0 + 16]))
            }
        }
    }

    /// Lends the bytes, with their place in the catalogue as messages name it; nil when none are kept.
    func withDigests<Result>(
        of collection: CollectionRecord, _ body: (UnsafeRawBufferPointer, _ place: String) throws -> Result
    ) throws -> Result? {
        guard let name = collection.sequences else {
            let key = CatalogueKey.collection(collection.collection, checkpoint: collection.checkpoint)
            return try withValue(databases.digests, key) { try body($0, "digests '\(CatalogueKey.readable(key))'") }
        }
        guard let sequences = databases.sequences else { return nil }
        return try withValue(sequences, name.bigEndianBytes) { try body($0, "sequences \(name.short)") }
    }

    /// Keeps digests under the name of their content.
    /// - Parameter digests: gone through three times, so that no second copy of them is made.
    /// - Returns: the name.
    func putDigests(_ digests: some Collection<Fingerprint>) throws -> Fingerprint {
        let builder = FingerprintBuilder()
        for digest in digests { digest.withBigEndianBytes { builder.combine(bytes: $0) } }
        let name = builder.finish()
        guard let sequences = databases.sequences else { return name }
        let byteCount = digests.count * 16
        // They are what their name says, unless the catalogue is damaged.
        let isThere = try withValue(sequences, name.bigEndianBytes) { there in
            guard there.count == byteCount else { return false }
            return zip(digests, stride(from: 0, to: byteCount, by: 16)).allSatisfy { digest, place in
                digest == Fingerprint(bigEndian: UnsafeRawBufferPointer(rebasing: there[place..<place + 16]))
            }
        }
        if isThere == true { return name }
        try put(sequences, name.bigEndianBytes, byteCount: byteCount) { value in
            for (digest, place) in zip(digests, stride(from: 0, to: byteCount, by: 16)) {
                digest.withBigEndianBytes {
                    UnsafeMutableRawBufferPointer(rebasing: value[place..<place + 16]).copyMemory(from: $0)
                }
            }
        }
        return name
    }

    /// Removes a collection's own digests (format 1); what it shares goes when nothing else has it.
    func removeOwnDigests(of collection: String, checkpoint: String) throws {
        try remove(databases.digests, CatalogueKey.collection(collection, checkpoint: checkpoint))
    }

    /// Names under which digests are kept that none of these collections has, all there are or can be read.
    func unusedSequences(among collections: [CollectionRecord]) throws -> [Fingerprint] {
        guard let sequences = databases.sequences else { return [] }
        let used = Set(collections.compactMap(\.sequences))
        var unused: [Fingerprint] = []
        try forEach(sequences) { key, _ in
            if key.count == 16, case let name = Fingerprint(bigEndian: key), !used.contains(name) {
                unused.append(name)
            }
            return true
        }
        return unused
    }

    func removeSequences(_ names: [Fingerprint]) throws {
        guard let sequences = databases.sequences else { return }
        for name in names { try remove(sequences, name.bigEndianBytes) }
    }
}
