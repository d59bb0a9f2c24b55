import Encoder
import Fingerprinting
import Store

/// Puts results that jobs have computed into a store: all of them in one transaction, or none.
package struct ResultsMerge {
    package struct Report: Sendable {
        /// Different ones; twins count once.
        package var results = 0
        /// Of them, those the store had already.
        package var known = 0
        /// Shards left out because they are missing, one sentence an evaluation.
        package var omissions: [String] = []
    }

    private let files: [ResultsFile]
    private let allowingMissing: Bool

    /// - Parameter allowingMissing: whether gaps are left out and told of.
    /// - Throws: `ResultsFileError` for a file that is damaged or not this program's.
    package init(_ paths: [String], program: ResultsFile.Program, allowingMissing: Bool) throws {
        files = try paths.map { path in
            let file = try ResultsFile(reading: path)
            try file.requireOwn(program)
            return file
        }
        self.allowingMissing = allowingMissing
    }

    /// - Throws: `ResultsFileError`, `StoreError`; then nothing was stored.
    package func run(into store: Store) throws -> Report {
        var report = Report()
        report.omissions = try gaps()
        var merged: [Fingerprint: (result: NewResult, path: String)] = [:]
        var order: [Fingerprint] = []
        for file in files where file.header.complete {
            for result in file.results {
                let key = result.record.fingerprint
                guard let twin = merged[key] else {
                    merged[key] = (result, file.path)
                    order.append(key)
                    continue
                }
                if let odd = Self.difference(twin.result, result) {
                    throw ResultsFileError.twinsDiffer(
                        first: twin.path, second: file.path, result: result.record.title, expected: odd.0,
                        found: odd.1)
                }
            }
        }
        var results: [NewResult] = []
        for (result, path) in order.compactMap({ merged[$0] }) {
            report.results += 1
            guard let known = try stored(result, in: store) else {
                results.append(result)
                continue
            }
            if let odd = Self.difference(known, result) {
                throw ResultsFileError.storeDiffers(
                    path: path, store: store.folder, result: result.record.title, expected: odd.0, found: odd.1)
            }
            report.known += 1
            // It stays as it is; that what it was computed from is still there is asked of all.
            results.append(known)
        }
        if let outdated = try store.putTogether(results: results) {
            throw ResultsFileError.otherState(
                path: merged[outdated.record.fingerprint]?.path ?? "", store: store.folder,
                result: outdated.record.title)
        }
        return report
    }

    /// What the store has under the result's name; nil when it has none that can be trusted.
    private func stored(_ result: NewResult, in store: Store) throws -> NewResult? {
        do {
            guard
                let record = try store.result(fingerprint: result.record.fingerprint, task: result.record.task),
                record.checksum != nil,
                // One of an earlier version, without values that are computed today, is computed again.
                ResultSchema.all.contains(where: { $0.task == record.task && $0.missing(in: record).isEmpty }),
                let outcomes = try store.outcomes(of: record)
            else { return nil }
            return NewResult(record: record, basis: result.basis, outcomes: outcomes)
        } catch StoreError.damagedResult {
            return nil
        }
    }

    /// In what two results of one name differ, times and paths apart; nil when they are the same.
    private static func difference(_ one: NewResult, _ other: NewResult) -> (String, String)? {
        for key in Set(one.record.values.keys).union(other.record.values.keys).sorted() {
            let (first, second) = (one.record.values[key], other.record.values[key])
            if first != second {
                return ("\(key) \(first.map { "\($0)" } ?? "none")", second.map { "\($0)" } ?? "none")
            }
        }
        if one.outcomes != other.outcomes { return ("its queries' outcomes", "others") }
        return one.basis == other.basis ? nil : ("the files it was computed from", "others")
    }

    /// Every evaluation has all its shards, or its gaps are told of.
    /// - Throws: `ResultsFileError.missing`, `.mixed`.
    private func gaps() throws -> [String] {
        var divisions: [Fingerprint] = []
        for file in files where !divisions.contains(file.header.division) { divisions.append(file.header.division) }
        var omissions: [String] = []
        for division in divisions {
            let own = files.filter { $0.header.division == division }
            let header = own[0].header
            let there = Set(own.filter(\.header.complete).map(\.header.shard))
            let missing = (0..<header.shards).filter { !there.contains($0) }
            if missing.isEmpty { continue }
            // As `sbatch --array` takes it.
            let array = LayerNumbers.text(missing)
            if allowingMissing {
                let are = missing.count == 1 ? "is" : "are"
                omissions.append(
                    "\(header.task): \(missing.count) of \(header.shards) shards \(are) left out: \(array)")
                continue
            }
            // A job that saw something else is no gap that running it again would fill.
            if let other = files.first(where: {
                $0.header.division != division && $0.header.task == header.task && $0.header.shards == header.shards
                    && missing.contains($0.header.shard)
            }) {
                throw ResultsFileError.mixed(task: header.task, first: own[0].path, second: other.path)
            }
            throw ResultsFileError.missing(
                task: header.task, missing: array, count: missing.count, total: header.shards,
                unfinished: own.filter { !$0.header.complete && missing.contains($0.header.shard) }.map(\.path))
        }
        return omissions
    }
}
