import Diagnostics
import Evaluation
import Fingerprinting
import Store

#if canImport(Glibc)
import Glibc
#endif

/// Who is told how an evaluation goes on, and may end it. Called from several threads.
package protocol EvaluationObserver: AnyObject, Sendable {
    /// - Parameters:
    ///   - weight: of all the work there is.
    ///   - unit: plural noun of what is counted.
    ///   - isFloatingPoint: whether weights are floating-point operations.
    func begin(_ task: String, weight: Double, unit: String, isFloatingPoint: Bool)
    func phase(_ name: String)
    func advance(weight: Double, items: Int)
    func finish()
    func remark(_ text: String)
    /// Something the user counts on did not happen.
    func warn(_ text: String)
    /// - Throws: what shall end the evaluation; results found so far are kept.
    func checkForStop() throws
}

/// One run of an evaluation: which results are known already, which are new, and what became of them.
///
/// Not for several threads at once.
package final class EvaluationRun {
    package struct Settings: Sendable {
        /// Names; empty for all checkpoints of the store.
        package var checkpoints: [String]
        package var layers: LayerChoice
        /// Whether what the store has results of is computed again.
        package var recompute: Bool
        /// What layers are chosen on, beside the scored pairs.
        package var selection: SelectionBasis
        package var threads: Int
        /// One of several jobs' part instead of all: its results are for a file and the store is only read.
        package var shard: EvaluationShard?

        package init(
            checkpoints: [String] = [], layers: LayerChoice = .all, recompute: Bool = false,
            selection: SelectionBasis = .scoredPairs, threads: Int, shard: EvaluationShard? = nil
        ) {
            self.shard = shard
            self.selection = selection
            self.checkpoints = checkpoints
            self.layers = layers
            self.recompute = recompute
            self.threads = threads
        }
    }

    package let settings: Settings
    package let schema: ResultSchema
    package let store: Store
    let observer: any EvaluationObserver
    /// Why results are not kept, whatever becomes of them; nil when they are.
    package let readOnlyReason: String?
    /// Results of this run, old and new.
    private var found: [ResultRecord] = []
    package private(set) var reused = 0
    /// What the store has of an earlier version, without values that are computed today.
    private var incomplete: [ResultRecord] = []
    /// What this run has computed: not computed again when it has to look at the store anew.
    private var computed: [Fingerprint: NewResult] = [:]
    /// Of a shard: all its results, with what they were computed from.
    private var own: [NewResult] = []
    private var division: EvaluationDivision?
    /// What an earlier run of the same shard has left.
    private let earlier: ResultsFile?
    /// What the queries of each result came to, old and new: about two bytes a query.
    private var outcomes: [Fingerprint: ResultOutcomes] = [:]
    /// Where layers are chosen on something else than what is scored; tasks tell it of the queries they plan.
    let chooser: LayerChooser
    /// Results of a state that was replaced while they were computed.
    package private(set) var overtaken = 0
    /// Why results could not be kept; nil when all that should be were.
    package private(set) var saveFailure: String?
    /// What was given and could not be evaluated, and why.
    package private(set) var skipped: [String] = []

    /// - Parameter earlier: of a shard: what an earlier run has left, its results are not computed again if it was of
    ///   the same evaluation.
    /// - Throws: `StoreError.missing` for a folder that does not exist: evaluations never create a store.
    package init(
        folder: String, schema: ResultSchema, settings: Settings, observer: any EvaluationObserver,
        earlier: ResultsFile? = nil
    ) throws {
        self.earlier = earlier
        self.settings = settings
        self.schema = schema
        self.observer = observer
        chooser = LayerChooser(basis: settings.selection, schema: schema)
        var status = stat()
        guard stat(folder, &status) == 0 else { throw StoreError.missing(folder: folder) }
        // Results are kept in a store that can be written, and computed either way.
        if settings.shard != nil {
            readOnlyReason = nil
            store = try Store.open(folder, mode: .read)
        } else if let kind = Store.sharedFileSystem(of: folder) {
            readOnlyReason = "it is on \(kind), which several hosts can write to at once"
            store = try Store.open(folder, mode: .read)
        } else if access("\(folder)/catalog.lmdb/data.mdb", W_OK) == 0, access("\(folder)/catalog.lmdb", W_OK) == 0 {
            readOnlyReason = nil
            store = try Store.open(folder, mode: .write)
        } else {
            readOnlyReason = String(cString: strerror(errno))
            store = try Store.open(folder, mode: .read)
        }
    }

    /// In the order they are printed, whatever was computed first.
    package var records: [ResultRecord] {
        found.sorted { $0.place < $1.place }
    }

    /// Seconds since 1970.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Evaluates the checkpoints asked for, in one state of the store: when `gc` takes files of that state away, all is
    /// planned again in a fresh one.
    /// - Parameter results: whether stored results are wanted, too, of the same state.
    package func perform(results: Bool = false, _ body: ([StoredCheckpoint]) throws -> Void) throws {
        try Store.onFreshSnapshot {
            (found, reused, incomplete, overtaken, skipped) = ([], 0, [], 0, [])
            (own, division) = ([], nil)
            try body(try CheckpointChoice.several(settings.checkpoints, in: store, results: results))
        }
        tellOfEmptyDictionaries()
        if let first = incomplete.first {
            observer.remark(
                "\(incomplete.count) of the stored results are of an earlier version, without "
                    + "\(schema.missing(in: first).joined(separator: ", ")); they were computed again")
        }
    }

    /// A score of 0 because nothing was found is no score of the checkpoint.
    private func tellOfEmptyDictionaries() {
        guard schema.task == "bli" else { return }
        var told = Set<String>()
        for record in records where record.values["queries"] == 0 {
            let name = "\(record.checkpoint): \(record.dataset) \(record.pair)"
            guard told.insert(name).inserted else { continue }
            let rows = Int(record.values["rows"] ?? 0)
            observer.warn(
                "\(name): \(rows == 1 ? "its one row does not have" : "none of the \(rows) rows has") both words in "
                    + "the stored vocabularies, so its scores are 0; check that they are of these languages")
        }
    }

    /// Which of the results planned are this run's: all of them, or those of its shard. Asked once, for all.
    func isOwn(_ planned: [PlannedResult]) -> [Bool] {
        guard let shard = settings.shard else { return planned.map { _ in true } }
        let division = EvaluationDivision(planned, task: schema.task, count: shard.count)
        self.division = division
        if let earlier, !settings.recompute, earlier.isOf(division, task: schema.task, shard) {
            for result in earlier.results {
                computed[result.record.fingerprint] = result
                outcomes[result.record.fingerprint] = result.outcomes
            }
        }
        return division.shards.map { $0 == shard.index }
    }

    /// Whether the store, or this run, has this result; if so it is part of the report.
    /// - Parameter basis: what it would be computed from.
    func reuse(_ key: ResultKey, basis: @autoclosure () -> ResultBasis) throws -> Bool {
        if let known = computed[key.fingerprint] {
            found.append(known.record)
            if settings.shard != nil { own.append(known) }
            return true
        }
        guard !settings.recompute else { return false }
        do {
            // Results of which no outcomes are kept serve no comparison: computed again, they will.
            guard let known = try store.result(fingerprint: key.fingerprint, task: schema.task), known.checksum != nil,
                let kept = try store.outcomes(of: known)
            else { return false }
            guard schema.missing(in: known).isEmpty else {
                incomplete.append(known)
                return false
            }
            found.append(known)
            outcomes[known.fingerprint] = kept
            if settings.shard != nil { own.append(NewResult(record: known, basis: basis(), outcomes: kept)) }
            reused += 1
            return true
        } catch StoreError.damagedResult(_, let key, let expected, let found) {
            observer.warn("\(store.folder): \(key): expected \(expected), found \(found); it is computed again")
            return false
        }
    }

    /// Takes new results in and keeps them in the store, so that a run that is stopped later has not been in vain.
    /// - Parameter new: each with the records it was computed from; it is kept only while these are current.
    func add(_ new: [NewResult]) {
        for result in new {
            found.append(result.record)
            computed[result.record.fingerprint] = result
            outcomes[result.record.fingerprint] = result.outcomes
        }
        if settings.shard != nil { return own += new }
        guard readOnlyReason == nil, saveFailure == nil else { return }
        do {
            overtaken += try store.put(results: new).count { !$0 }
        } catch {
            saveFailure = "\(error)"
        }
    }

    /// Units of all shards; nil before the evaluation is planned.
    package var unitCount: Int? { division?.unitCount }

    /// What a shard has come to, for `query merge`.
    /// - Parameter complete: whether it is all the shard is to do.
    /// - Returns: nil when nothing was planned, so that nobody knows what the results belong to.
    package func resultsFile(_ path: String, program: ResultsFile.Program, complete: Bool) -> ResultsFile? {
        guard let division, let shard = settings.shard else { return nil }
        return ResultsFile(
            path: path, program: program, task: schema.task, division: division.identity, shard: shard,
            complete: complete, results: own)
    }

    /// Ranks of one of the run's results.
    /// - Throws: `EvaluationError.damagedOutcomes`.
    func ranks(of record: ResultRecord) throws -> Ranks {
        guard let lists = try outcomes[record.fingerprint]?.ranks(), let ranks = lists.first else {
            throw EvaluationError.damagedOutcomes("no ranks")
        }
        return ranks
    }

    /// Of one of the run's results.
    /// - Throws: `EvaluationError.damagedOutcomes`.
    func occurrences(of record: ResultRecord) throws -> [Int] {
        guard let known = try outcomes[record.fingerprint]?.occurrences() else {
            throw EvaluationError.damagedOutcomes("no occurrences")
        }
        return known.counts
    }

    func skip(_ reason: String) { skipped.append(reason) }

    /// Intervals of results of this run and of their means.
    /// - Parameter measures: the schema's, or some of them.
    package func intervals(of records: [ResultRecord], _ measures: [ScoreMeasure]) throws -> ScoreIntervals {
        try ScoreIntervals(records, measures: measures, threads: settings.threads) { outcomes[$0.fingerprint] }
    }

    /// The scores of this run at layers chosen as the settings say, as `LayerChooser.scores`.
    /// - Parameters:
    ///   - records: those that are scored, of this run.
    ///   - validation: those that choose, of this run.
    package func selectedScores(
        _ records: [ResultRecord], validation: [ResultRecord] = []
    ) throws -> [SelectedScores] {
        try chooser.scores(
            records, validation: validation, outcomes: { outcomes[$0.fingerprint] }, tell: { observer.warn($0) })
    }
}
