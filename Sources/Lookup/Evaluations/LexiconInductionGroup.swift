import Evaluation
import Store
import Synchronization

/// All dictionaries that meet one target layer.
struct LexiconInductionGroup {
    let checkpoint: StoredCheckpoint
    let target: LayerView
    private let cells: [LexiconInductionTask.Cell]
    private let plan: InductionQueries
    private let scoring: InductionScoring
    private let foreign: ForeignCandidates

    /// Queries whose vectors are in memory at a time.
    static let queriesAtOnce = 32_768

    /// - Parameters:
    ///   - plan: made from the lookups of the group's cells, in their order.
    ///   - foreign: knows the candidates that stand behind all others.
    init(
        _ group: LexiconInductionTask.Group, plan: InductionQueries, scoring: InductionScoring,
        foreign: ForeignCandidates
    ) {
        self.scoring = scoring
        self.foreign = foreign
        checkpoint = group.checkpoint
        target = group.target
        cells = group.cells
        self.plan = plan
    }

    /// For progress.
    var name: String {
        "\(checkpoint.name) → \(target.layers[0].name?.language ?? target.collection) layer \(target.name)"
    }

    var floatingPointOperations: Double {
        // With CSLS every target word meets every source word too.
        let others = scoring.scaled ? plan.sources.reduce(0) { $0 + cells[$1.cell].source.rows } : 0
        return 2 * Double(plan.queryCount + others) * Double(target.rows) * Double(target.dimension)
    }

    func score(threads: Int, observer: any EvaluationObserver) throws -> [NewResult] {
        let requests = plan.requests
        var ranks = [GoldRank](repeating: GoldRank(greater: 0, equalBefore: 0, equalAfter: 0), count: requests.count)
        let candidates = try rows(of: target)
        try forEachBatch(of: candidates, threads: threads, observer: observer) { range, queries, penalties in
            let own = requests.indices.filter { range.contains(requests[$0].query) }
            let perCandidate = 2 * Double(range.count) * Double(candidates.dimension)
            let perBlock = Double(range.count) / Double(max(candidates.rowCount, 1))
            let counted = FractionalCount()
            let found = try RankCounter.ranks(
                queries: queries,
                requests: own.map { .init(query: requests[$0].query - range.lowerBound, gold: requests[$0].gold) },
                candidates: candidates, penalties: penalties, threads: threads
            ) { rows in
                observer.advance(weight: perCandidate * Double(rows), items: counted.add(perBlock * Double(rows)))
                try observer.checkForStop()
            }
            for (index, rank) in zip(own, found) { ranks[index] = rank }
        }
        let now = EvaluationRun.now
        return try zip(cells, plan.rowRequests).map { cell, numbers in
            let own = numbers.map { $0.map { ranks[$0] } }
            return NewResult(
                record: record(cell, LexiconInduction(own), foreign: try leftOut(cell), created: now),
                basis: cell.basis(in: checkpoint, target: target),
                outcomes: .ranks([Ranks(own)], of: cell.lookup.entry.dictionary.fingerprint))
        }
    }

    /// What became of foreign words, for the record; empty where they are candidates as all others.
    private func leftOut(_ cell: LexiconInductionTask.Cell) throws -> [String: String] {
        guard let rows = try foreign.rows(into: cell.lookup.target, from: cell.lookup.source, of: checkpoint) else {
            return [:]
        }
        let all = Set(rows)
        let golds = try cell.lookup.matches().count { $0.map { all.contains($0.target) } ?? false }
        return ["foreign_candidates": "\(rows.count)", "foreign_golds": "\(golds)"]
    }

    /// The candidates with the highest scores, the same scores that ranks are counted by.
    /// - Returns: for every cell and dictionary row the best, highest first; nil for a row that is not ranked.
    func nearest(
        _ count: Int, threads: Int, observer: any EvaluationObserver
    ) throws -> [[[NearestRows.Match]?]] {
        var best = [[NearestRows.Match]](repeating: [], count: plan.queryCount)
        let candidates = try rows(of: target)
        try forEachBatch(of: candidates, threads: threads, observer: observer) { range, queries, penalties in
            let found = try NearestRows.top(
                count, queries: queries, candidates: candidates, penalties: penalties, threads: threads)
            for (query, matches) in zip(range, found) { best[query] = matches }
            observer.advance(
                weight: 2 * Double(range.count) * Double(candidates.rowCount) * Double(candidates.dimension),
                items: range.count)
            try observer.checkForStop()
        }
        return plan.rowRequests.map { $0.map { number in number.map { best[plan.requests[$0].query] } } }
    }

    /// Hands out the queries' vectors, as many at once as memory is taken for, with what is subtracted from each
    /// candidate's score.
    private func forEachBatch(
        of candidates: any VectorRows, threads: Int, observer: any EvaluationObserver,
        _ body: (_ range: Range<Int>, _ queries: VectorMatrix, _ penalties: [Float]?) throws -> Void
    ) throws {
        let flat = plan.sources.enumerated().flatMap { index, source in source.rows.map { (source: index, row: $0) } }
        let files = try plan.sources.map { try rows(of: cells[$0.cell].source) }
        let targets = scoring.scaled ? try VectorMatrix(all: candidates) : nil
        for (range, hubs) in batches {
            let start = range.lowerBound
            let scaling = try targets.map {
                let operations = 2 * Double(files[hubs].rowCount) * Double($0.rowCount) * Double($0.dimension)
                observer.advance(weight: operations, items: 0)
                return try CrossDomainScaling.penalties(targets: $0, sources: files[hubs], threads: threads)
            }
            let penalties = try foreign.penalties(
                scaling, into: cells[plan.sources[hubs].cell].lookup.target,
                from: cells[plan.sources[hubs].cell].lookup.source, of: checkpoint)
            let queries = try VectorMatrix(
                name: "queries into \(candidates.name)", rows: range.count, dimension: candidates.dimension
            ) { output in
                var at = start
                while at < range.upperBound {
                    let source = flat[at].source
                    var end = at
                    while end < range.upperBound, flat[end].source == source { end += 1 }
                    guard files[source].dimension == candidates.dimension else {
                        throw EvaluationError.dimensionMismatch(
                            first: files[source].name, firstDimension: files[source].dimension,
                            second: candidates.name, secondDimension: candidates.dimension)
                    }
                    try files[source].decode(
                        rows: flat[at..<end].map(\.row), into: output + (at - start) * candidates.dimension)
                    at = end
                }
            }
            try body(range, queries, penalties)
        }
    }

    /// Queries that are scored together: all sources' at once, or each source's alone where what is subtracted is its
    /// own.
    private var batches: [(range: Range<Int>, source: Int)] {
        var runs: [(range: Range<Int>, source: Int)] = []
        for (source, rows) in plan.sources.map(\.rows.count).enumerated() {
            let first = runs.last?.range.upperBound ?? 0
            runs.append((first..<(first + rows), source))
        }
        if !scoring.isOfEachSource { runs = [(0..<(runs.last?.range.upperBound ?? 0), 0)] }
        return runs.flatMap { run in
            stride(from: run.range.lowerBound, to: run.range.upperBound, by: Self.queriesAtOnce).map {
                ($0..<min($0 + Self.queriesAtOnce, run.range.upperBound), run.source)
            }
        }
    }

    private func rows(of view: LayerView) throws -> any VectorRows {
        let rows = try checkpoint.rows(of: view)
        return scoring.centred ? try CenteredRows(rows) : rows
    }

    private func record(
        _ cell: LexiconInductionTask.Cell, _ scores: LexiconInduction, foreign: [String: String], created: Double
    ) -> ResultRecord {
        let dictionary = cell.lookup.entry.dictionary
        return ResultRecord(
            task: "bli", dataset: scoring.dataset(cell.lookup.entry.dataset), pair: dictionary.name,
            checkpoint: checkpoint.name, layer: target.number, mean: target.mean, fingerprint: cell.key.fingerprint,
            values: [
                "queries": Double(scores.queries), "rows": Double(scores.rows), "coverage": scores.coverage,
                "mrr": scores.meanReciprocalRank, "mrr_all": scores.meanReciprocalRankOfAll,
                "p1": scores.precisionAt1, "p5": scores.precisionAt5, "p10": scores.precisionAt10,
                "ties": Double(scores.ties), "mrr_ties_won": scores.bestMeanReciprocalRank,
                "mrr_ties_lost": scores.worstMeanReciprocalRank,
            ],
            provenance: [
                "policy": scoring.policy.text, "dictionary": dictionary.path,
                "dictionary_fingerprint": dictionary.fingerprint.hex,
                "checkpoint_fingerprint": checkpoint.record.fingerprint.hex,
                "source_layer": cell.source.fingerprints.map(\.hex).joined(separator: ","),
                "target_layer": target.fingerprints.map(\.hex).joined(separator: ","),
                "source_codec": cell.source.codecs, "target_codec": target.codecs,
            ].merging(foreign) { own, _ in own },
            created: created)
    }
}

/// Turns fractions of items into whole ones as they add up, for progress that counts items.
private final class FractionalCount: Sendable {
    private let state = Mutex<Double>(0)

    /// - Returns: whole items completed by this addition.
    func add(_ amount: Double) -> Int {
        state.withLock { state in
            let before = Int(state)
            state += amount
            return Int(state) - before
        }
    }
}
