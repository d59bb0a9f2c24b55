import Store

/// Checkpoints against each other: per task and data set, each one's best layer and its mean score there.
package struct Leaderboard {
    package struct Entry {
        package let schema: ResultSchema
        package let means: LayerMeans
        package let best: LayerMeans.Layer
        /// One for each pair, at the best layer.
        package let records: [ResultRecord]
        /// What the score is an answer to.
        package let questions: EvaluatedQuestions
        /// Of the score; nil where ranks were not kept.
        package let interval: ScoreIntervals.OfMean?
        /// The score of each pair at the layer that is best on all other pairs; nil where there is no such choice.
        package let otherPairs: SelectedScores?
        /// Why there is none, or none with a score: a clause for a person; nil where there is one.
        package let noOtherPairs: String?
        /// The score at layers chosen on the other half of the queries; nil where that was not asked for, or there is
        /// no such choice.
        package let halves: SelectedScores?
        /// Why there is none; nil where there is one, and where it was not asked for.
        package let noHalves: String?
        /// What the rows of this data set are compared with: of those that share their questions with most others, the
        /// first by name.
        package fileprivate(set) var reference: String
        /// Why the score cannot be compared with the reference's; empty when it can.
        package fileprivate(set) var differences: [String] = []

        package var dataset: String { means.dataset }
        package var checkpoint: String { means.checkpoint }
        package var score: Double { best.means[schema.headline] ?? 0 }
        package var isComparable: Bool { differences.isEmpty }

        /// Queries (sentences, judged pairs of words) the score is over, all pairs together.
        package var queries: Int { records.reduce(0) { $0 + (Int(exactly: $1.values[schema.queriesKey] ?? 0) ?? 0) } }

        /// Layers and means of layers the best was chosen among, those of the most pairs.
        package var candidates: Int { means.candidates.count }

        /// The last block's output, no mean.
        package var last: LayerMeans.Layer? { means.layers.last { $0.mean == nil } }
    }

    /// By task and data set; within these those that are comparable with one another first, the highest score first,
    /// then by name.
    package let entries: [Entry]
    /// Results whose ranks are not kept, so that nothing is known of how far they can be believed.
    package let withoutRanks: Int
    /// What it was made of, and what was left out.
    package let selection: StoredResults.Selection
    /// Task → intervals of its headline, at the best layers or at every one.
    package let intervals: [String: ScoreIntervals]

    /// Of one state of the store.
    /// - Parameters:
    ///   - atEveryLayer: whether intervals are wanted of other layers than the best, and of single pairs, too.
    ///   - basis: whether layers chosen on half of the queries are wanted beside those chosen on other pairs:
    ///     dictionaries are read again for it.
    /// - Throws: `StoreError.damagedCatalogue`, `.damagedResult`, `EvaluationError.damagedOutcomes`.
    package init(
        _ store: Store, intervalsAtEveryLayer atEveryLayer: Bool = false, selectOn basis: StoredSelection = .otherPairs,
        threads: Int
    ) throws {
        let snapshot = try store.snapshot(results: true) { $0 }
        let collections = try EvaluatedCollections(snapshot.chosen)
        let selection = StoredResults.select(snapshot)
        var entries: [Entry] = []
        var withoutRanks = 0
        var known: [String: ScoreIntervals] = [:]
        let stored = StoredHalves(snapshot.chosen)
        for schema in ResultSchema.scored {
            let records = selection.current.filter { $0.task == schema.task }
            let rows = LayerMeans.of(records, schema: schema).compactMap { means in
                means.best.map { best in
                    (
                        means: means, best: best,
                        records: records.filter {
                            $0.checkpoint == means.checkpoint && $0.dataset == means.dataset && best.holds($0)
                        }
                    )
                }
            }
            let intervals = try ScoreIntervals(
                atEveryLayer ? records : rows.flatMap(\.records),
                measures: schema.measures.filter { $0.key == schema.headline }, ofPairs: atEveryLayer, threads: threads
            ) { try store.outcomes(of: $0) }
            known[schema.task] = intervals
            withoutRanks += intervals.withoutRanks
            let own = try rows.map { row -> Entry in
                let otherPairs = try Self.chosen(row.means) {
                    try .onOtherPairs(row.means, records, schema: schema)
                }
                var halves: Selected = (nil, nil)
                if basis == .half {
                    halves = try Self.chosen(row.means) {
                        try .onHalves(
                            row.means, records, schema: schema, outcomes: { try store.outcomes(of: $0) },
                            halves: { try stored.halves(of: $0, $1.data) })
                    }
                }
                return Entry(
                    schema: schema, means: row.means, best: row.best, records: row.records,
                    questions: EvaluatedQuestions(row.records, collections: collections),
                    interval: intervals.intervals(of: row.best, in: row.means, schema.headline),
                    otherPairs: otherPairs.scores, noOtherPairs: otherPairs.reason, halves: halves.scores,
                    noHalves: halves.reason,
                    reference: row.means.checkpoint)
            }
            entries += Dictionary(grouping: own, by: \.dataset).values.flatMap(Self.marked)
                .sorted {
                    ($0.dataset, $0.isComparable ? 0 : 1, -$0.score, $0.checkpoint)
                        < ($1.dataset, $1.isComparable ? 0 : 1, -$1.score, $1.checkpoint)
                }
        }
        (self.entries, self.withoutRanks, self.selection, intervals) = (entries, withoutRanks, selection, known)
    }

    /// Scores, or why there are none.
    private typealias Selected = (scores: SelectedScores?, reason: String?)

    private static func chosen(_ means: LayerMeans, _ choose: () throws -> SelectedScores) throws -> Selected {
        if means.candidates.count < 2 { return (nil, "there is one layer only, which leaves no choice") }
        do {
            let scores = try choose()
            return (scores, scores.mean == nil ? "no pair has a score at the layers chosen" : nil)
        } catch let impossible as SelectedScores.Impossible { return (nil, impossible.reason) }
    }

    /// The rows of a data set, with what sets them apart from those that most share their questions with; of equally
    /// many the ones over the most queries, then the first by name.
    private static func marked(_ entries: [Entry]) -> [Entry] {
        let classes = Dictionary(grouping: entries, by: \.questions.fingerprint).values.map { some in
            some.sorted { $0.checkpoint < $1.checkpoint }
        }
        let first = classes.min {
            (-$0.count, -$0[0].queries, $0[0].checkpoint) < (-$1.count, -$1[0].queries, $1[0].checkpoint)
        }
        guard let reference = first?.first else { return entries }
        return entries.map { entry in
            var entry = entry
            entry.reference = reference.checkpoint
            entry.differences = entry.questions.differences(from: reference.questions)
            return entry
        }
    }

    /// Entries of one task and data set, in order.
    package var groups: [[Entry]] {
        var groups: [[Entry]] = []
        for entry in entries {
            if let last = groups.last?.last, last.schema.task == entry.schema.task, last.dataset == entry.dataset {
                groups[groups.count - 1].append(entry)
            } else {
                groups.append([entry])
            }
        }
        return groups
    }
}
