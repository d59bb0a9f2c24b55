import Fingerprinting

/// What a result's single queries or candidates came to, in the bytes of who evaluates: ranks, similarities or
/// occurrences.
package struct ResultOutcomes: Sendable, Equatable {
    package enum Kind: UInt8, Sendable {
        /// One or more lists of ranks.
        case ranks = 1
        /// One list of similarities.
        case similarities = 2
        /// How often each candidate is a neighbour.
        case occurrences = 3
    }

    package let kind: Kind
    /// Of the data whose positions the bytes speak of: results of the same data can be compared query by query.
    package let data: Fingerprint
    package let bytes: [UInt8]

    package init(kind: Kind, data: Fingerprint, bytes: [UInt8]) {
        self.kind = kind
        self.data = data
        self.bytes = bytes
    }

    /// XXH3-128 of the rest, `data`, kind, bytes.
    fileprivate var value: [UInt8] {
        let rest = data.bigEndianBytes + [kind.rawValue] + bytes
        return rest.withUnsafeBytes { Fingerprint.of(bytes: $0) }.bigEndianBytes + rest
    }

    /// nil for a value whose checksum is wrong.
    fileprivate init?(value: UnsafeRawBufferPointer) {
        guard value.count >= 33, case let rest = UnsafeRawBufferPointer(rebasing: value[16...]),
            Fingerprint(bigEndian: UnsafeRawBufferPointer(rebasing: value[..<16])) == Fingerprint.of(bytes: rest),
            let kind = Kind(rawValue: rest[16])
        else { return nil }
        self.init(
            kind: kind, data: Fingerprint(bigEndian: UnsafeRawBufferPointer(rebasing: rest[..<16])),
            bytes: Array(rest[17...]))
    }
}

/// A result on its way into the catalogue.
package struct NewResult: Sendable {
    package let record: ResultRecord
    package let basis: ResultBasis
    package let outcomes: ResultOutcomes?

    package init(record: ResultRecord, basis: ResultBasis, outcomes: ResultOutcomes? = nil) {
        self.record = record
        self.basis = basis
        self.outcomes = outcomes
    }
}

extension Store {
    /// Keeps results whose basis is still what the catalogue says, in one transaction that looks: a result of a state
    /// that has been replaced is not kept, because nothing that is stored would bear it out.
    /// - Returns: for each result, whether it was kept.
    @discardableResult
    package func put(results: [NewResult]) throws -> [Bool] {
        guard mode == .write else { throw StoreError.readOnly(folder: folder) }
        return try environment.write { transaction in try results.map { try self.keep($0, transaction) } }
    }

    /// Keeps results all together, in one transaction, or none of them.
    /// - Returns: the first whose basis is not what the catalogue says, and then nothing was kept; nil when all were.
    package func putTogether(results: [NewResult]) throws -> NewResult? {
        guard mode == .write else { throw StoreError.readOnly(folder: folder) }
        do {
            try environment.write { transaction in
                for result in results where try !self.keep(result, transaction) { throw Outdated(result: result) }
            }
            return nil
        } catch let outdated as Outdated {
            return outdated.result
        }
    }

    /// Ends a transaction that keeps results together.
    private struct Outdated: Error { let result: NewResult }

    /// - Returns: false when the basis is not what the catalogue says; then the result was not kept.
    private func keep(_ result: NewResult, _ transaction: borrowing Transaction) throws -> Bool {
        if let odd = result.record.oddNumber {
            throw StoreError.inconsistentPublication(
                checkpoint: result.record.checkpoint, collection: result.record.pair, expected: odd.expected,
                found: odd.found)
        }
        guard try result.basis.isCurrent(transaction) else { return false }
        let key = CatalogueKey.result(task: result.record.task, fingerprint: result.record.fingerprint)
        try transaction.put(transaction.databases.results, key, try ResultChecksum.encode(result.record))
        if let database = transaction.databases.outcomes {
            try transaction.remove(database, key)
            if let outcomes = result.outcomes { try transaction.put(database, key, outcomes.value) }
        }
        return true
    }

    /// Sorted by task, then fingerprint.
    /// - Throws: `StoreError.damagedResult` for one whose checksum is wrong.
    package func results(task: String?, checkpoint: String?) throws -> [ResultRecord] {
        try environment.read { try $0.results(task: task, checkpoint: checkpoint) }
    }

    /// What the queries of a result came to; nil when it was not kept.
    /// - Throws: `StoreError.damagedResult` when its checksum is wrong.
    package func outcomes(of result: ResultRecord) throws -> ResultOutcomes? {
        try environment.read { transaction in
            guard let database = transaction.databases.outcomes else { return nil }
            let key = CatalogueKey.result(task: result.task, fingerprint: result.fingerprint)
            return try transaction.withValue(database, key) { value in
                guard let outcomes = ResultOutcomes(value: value) else {
                    throw StoreError.damagedResult(
                        folder: folder, key: "outcomes '\(CatalogueKey.readable(key))'", expected: "what was written",
                        found: "\(value.count) bytes of another checksum")
                }
                return outcomes
            }
        }
    }

    /// - Throws: `StoreError.damagedResult` when its checksum is wrong.
    package func result(fingerprint: Fingerprint, task: String) throws -> ResultRecord? {
        try environment.read {
            try $0.record(
                ResultRecord.self, in: $0.databases.results, CatalogueKey.result(task: task, fingerprint: fingerprint))
        }
    }
}

extension Transaction {
    func results(task: String?, checkpoint: String?) throws -> [ResultRecord] {
        let prefix = task.map { Array($0.utf8) + [CatalogueKey.separator] } ?? []
        return try records(ResultRecord.self, in: databases.results, prefix: prefix)
            .filter { checkpoint == nil || $0.checkpoint == checkpoint }
    }

    /// Removes a result with its outcomes.
    func removeResult(_ key: [UInt8]) throws {
        try remove(databases.results, key)
        if let outcomes = databases.outcomes { try remove(outcomes, key) }
    }

    /// Keys of outcomes that cannot be read, or whose result is not there.
    func unsoundOutcomes() throws -> [(key: [UInt8], problem: String)] {
        guard let database = databases.outcomes else { return [] }
        var found: [(key: [UInt8], problem: String)] = []
        try forEach(database) { key, value in
            let key = [UInt8](key)
            if ResultOutcomes(value: value) == nil {
                found.append((key, "\(value.count) bytes of another checksum"))
            } else if try withValue(databases.results, key, { _ in true }) == nil {
                found.append((key, "no result"))
            }
            return true
        }
        return found
    }

    /// Those that can be read, and the keys of the others.
    func soundResults() throws -> (records: [ResultRecord], damaged: [[UInt8]]) {
        var found: (records: [ResultRecord], damaged: [[UInt8]]) = ([], [])
        try forEach(databases.results) { key, value in
            let key = [UInt8](key)
            do {
                found.records.append(
                    try RecordCoding.read(
                        ResultRecord.self, from: value, under: key, of: databases.results.name, folder: folder))
            } catch StoreError.damagedResult {
                found.damaged.append(key)
            }
            return true
        }
        return found
    }
}

/// The checksum of a result's bytes: XXH3-128 of the JSON with 32 zeros where the checksum's digits stand.
///
/// It is taken of bytes and not of the decoded record, so that it also covers fields a later version may add.
enum ResultChecksum {
    /// An unescaped quote before and after: no text inside the JSON can look like this.
    private static let marker = Array("\"checksum\":\"".utf8)
    private static let digits = 32

    static func encode(_ record: ResultRecord) throws -> [UInt8] {
        var bytes = try RecordCoding.encode(record.withChecksum(Fingerprint(high: 0, low: 0)))
        guard let place = bytes.withUnsafeBytes({ place(in: $0) }) else {
            preconditionFailure("a result was encoded without its checksum")
        }
        bytes.replaceSubrange(place, with: Array(of(bytes).hex.utf8))
        return bytes
    }

    /// What the bytes' own checksum should be; nil where they have no place for one.
    static func expected(_ bytes: UnsafeRawBufferPointer) -> Fingerprint? {
        guard let place = place(in: bytes) else { return nil }
        var copy = [UInt8](bytes)
        copy.replaceSubrange(place, with: repeatElement(UInt8(ascii: "0"), count: digits))
        return of(copy)
    }

    private static func of(_ bytes: [UInt8]) -> Fingerprint { bytes.withUnsafeBytes { Fingerprint.of(bytes: $0) } }

    private static func place(in bytes: UnsafeRawBufferPointer) -> Range<Int>? {
        guard bytes.count >= marker.count + digits else { return nil }
        for start in 0...(bytes.count - marker.count - digits)
        where bytes[start] == marker[0] && bytes[start..<start + marker.count].elementsEqual(marker) {
            return start + marker.count..<start + marker.count + digits
        }
        return nil
    }
}
