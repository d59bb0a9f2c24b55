import Console
import Diagnostics
import Fingerprinting
import Store

/// One run of an evaluation command: which results are known already, which are new, and how all are reported.
final class EvaluationRun {
    let options: EvaluationOptions
    let schema: ResultSchema
    let store: Store
    private let readOnlyReason: String?
    private(set) var records: [ResultRecord] = []
    private var reused = 0
    /// What this run has computed: not computed again when it has to look at the store anew.
    private var computed: [Fingerprint: ResultRecord] = [:]
    /// Results of a state that was replaced while they were computed.
    private(set) var overtaken = 0
    private var saveFailure: String?
    /// What was given and could not be evaluated, and why.
    private(set) var skipped: [String] = []

    init(_ options: EvaluationOptions, schema: ResultSchema) throws {
        self.options = options
        self.schema = schema
        let opened = try OpenedStore.forEvaluation(options.store.store)
        store = opened.store
        readOnlyReason = opened.readOnlyReason
        StopRequest.install()
    }

    /// Evaluates the checkpoints asked for, in one state of the store: when `gc` takes files of that state away, all is
    /// planned again in a fresh one.
    func perform(_ body: ([StoredCheckpoint]) throws -> Void) throws {
        try Store.onFreshSnapshot {
            (records, reused, overtaken, skipped) = ([], 0, 0, [])
            try body(try CheckpointChoice.several(options.checkpoint, in: store))
        }
    }

    /// Whether the store, or this run, has this result; if so it is part of the report.
    func reuse(_ key: ResultKey) throws -> Bool {
        if let known = computed[key.fingerprint] {
            records.append(known)
            return true
        }
        guard !options.recompute else { return false }
        do {
            guard let found = try store.result(fingerprint: key.fingerprint, task: schema.task), found.checksum != nil
            else { return false }
            records.append(found)
            reused += 1
            return true
        } catch let error as StoreError {
            guard case .damagedResult(_, let key, let expected, let found) = error else { throw error }
            warn("\(store.folder): \(key): expected \(expected), found \(found); it is computed again")
            return false
        }
    }

    /// Takes new results in and keeps them in the store, so that a run that is stopped later has not been in vain.
    /// - Parameter new: each with the records it was computed from; it is kept only while these are current.
    func add(_ new: [(record: ResultRecord, basis: ResultBasis)]) {
        for result in new {
            records.append(result.record)
            computed[result.record.fingerprint] = result.record
        }
        guard readOnlyReason == nil, saveFailure == nil else { return }
        do {
            overtaken += try store.put(results: new).count { !$0 }
        } catch {
            saveFailure = "\(error)"
        }
    }

    func skip(_ reason: String) { skipped.append(reason) }

    /// - Throws: `ConsoleError.stopped` when the user asked for it.
    static func checkForStop() throws {
        if StopRequest.isMade {
            throw ConsoleError.stopped(advice: "what was finished is kept; the same command goes on from there")
        }
    }

    /// Prints the report; the order of rows is fixed, whatever was computed first.
    /// - Throws: `QueryError.nothingToEvaluate` when there is not a single row.
    func report() throws {
        for reason in skipped.prefix(20) { options.output.remark("skipped: \(reason)") }
        if skipped.count > 20 { options.output.remark("skipped: \(skipped.count - 20) more like these") }
        guard !records.isEmpty else {
            throw QueryError.nothingToEvaluate(task: schema.task, reasons: skipped)
        }
        let position = Dictionary(
            uniqueKeysWithValues: try store.checkpoints().map(\.name).enumerated().map { ($1, $0) })
        records.sort {
            (position[$0.checkpoint] ?? 0, $0.dataset, $0.pair, $0.layer, $0.mean ?? "")
                < (position[$1.checkpoint] ?? 0, $1.dataset, $1.pair, $1.layer, $1.mean ?? "")
        }
        try ResultReport(schema: schema, records: records).write(options)
        if reused > 0 {
            options.output.remark(
                reused == records.count
                    ? "all \(reused) results are from the store: nothing they were computed from has changed"
                    : "\(reused) of \(records.count) results are from the store: nothing they were computed from has changed")
        }
        if let readOnlyReason {
            warn("\(store.folder): the store cannot be written (\(readOnlyReason)), so these results were not kept")
        } else if let saveFailure {
            warn("results were not kept: \(saveFailure)")
        } else if overtaken > 0 {
            warn(
                "\(store.folder): the store was changed meanwhile; \(overtaken) of these results belong to what it held before "
                    + "and were not kept; run the same command again for what it holds now")
        }
    }

    /// Said even with `--quiet`: something the user counts on did not happen.
    private func warn(_ message: String) { MessageStream.standardError.say("query: warning: \(message)") }
}
