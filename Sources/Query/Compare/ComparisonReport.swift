import Console
import Evaluation
import Files
import Lookup

/// Comparisons of checkpoints: tables for people, rows for programs.
struct ComparisonReport {
    private let comparisons: [CheckpointComparison]
    private let seed: UInt64

    /// Pairs named as those that gain or lose most.
    private static let extremes = 5

    init(_ comparisons: [CheckpointComparison], seed: UInt64) {
        self.comparisons = comparisons
        self.seed = seed
    }

    // MARK: For programs

    /// A row for every pair of languages, then one whose pair is null for all of them, comparison by comparison.
    var table: ResultTable {
        var table = ResultTable(
            columns: [
                .init("task"), .init("dataset"), .init("pair"), .init("first"), .init("second"),
                .init("layer_first", .integer), .init("layer_second", .integer),
            ] + Self.scoreColumns(firstTitle: "mrr_first", secondTitle: "mrr_second"))
        for comparison in comparisons {
            for row in Self.rows(comparison, overall: .null) {
                table.append(
                    [
                        .text(ResultSchema.bli.task), .text(comparison.dataset), row[0],
                        .text(comparison.first.checkpoint), .text(comparison.second.checkpoint),
                        comparison.first.layerCell, comparison.second.layerCell,
                    ] + row.dropFirst())
            }
        }
        return table
    }

    private static func scoreColumns(firstTitle: String, secondTitle: String) -> [ResultTable.Column] {
        [
            .init("queries", .integer), .init("dropped", .integer),
            .init("mrr_first", title: firstTitle, .decimal(places: 4)),
            .init("mrr_second", title: secondTitle, .decimal(places: 4)), .init("difference", .decimal(places: 4)),
            .init("lower", .decimal(places: 4)), .init("upper", .decimal(places: 4)), .init("p", .decimal(places: 4)),
            .init("p_holm", title: "p (Holm)", .decimal(places: 4)), .init("wins", .integer), .init("ties", .integer),
            .init("losses", .integer),
        ]
    }

    /// The pair, then `scoreColumns`.
    private static func rows(_ comparison: CheckpointComparison, overall: JSONValue) -> [[JSONValue]] {
        comparison.pairs.map { row(.text($0.name), $0.scores, dropped: $0.dropped) }
            + [row(overall, comparison.overall, dropped: comparison.dropped)]
    }

    private static func row(
        _ name: JSONValue, _ scores: CheckpointComparison.Scores?, dropped: Int
    ) -> [JSONValue] {
        let comparison = scores?.comparison
        func number(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
        return [
            name, .integer(comparison?.queries ?? 0), .integer(dropped), number(scores?.firstMean),
            number(scores?.secondMean), number(comparison?.difference), number(comparison?.interval?.lower),
            number(comparison?.interval?.upper), number(comparison?.probability), number(scores?.adjusted),
            .integer(comparison?.wins ?? 0), .integer(comparison?.ties ?? 0), .integer(comparison?.losses ?? 0),
        ]
    }

    // MARK: For people

    var text: String { comparisons.map(text).joined(separator: "\n") }

    private func text(_ comparison: CheckpointComparison) -> String {
        let (first, second) = (comparison.first, comparison.second)
        var table = ResultTable(
            columns: [.init("pair")]
                + Self.scoreColumns(firstTitle: first.checkpoint, secondTitle: second.checkpoint))
        let overall = "all \(Quantity.counted(comparison.compared, "pair"))"
        for row in Self.rows(comparison, overall: .text(overall)) { table.append(row) }
        let dataset = DisplayWidth.printable(comparison.dataset)
        var text = "\(ResultSchema.bli.task) · \(dataset) · \(second.described) against \(first.described)\n\n"
        text += table.shown + "\n"
        for (title, pairs) in [
            ("gain most", comparison.gains(Self.extremes)), ("lose most", comparison.losses(Self.extremes)),
        ] {
            let named = pairs.map {
                "\(DisplayWidth.printable($0.name)) \(Self.signed($0.scores?.comparison.difference ?? 0))"
            }
            text += "\(title): \(named.isEmpty ? "none" : named.joined(separator: ", "))\n"
        }
        return text + """
            difference: MRR of \(second.checkpoint) less that of \(first.checkpoint), over the queries both rank
            lower, upper: 95 %, paired bootstrap over queries; p: paired randomisation test \
            (\(Quantity.grouped(PairedComparison.draws)) draws, seed \(seed))

            """
    }

    /// What `--fail-if-worse` says of a comparison that is worse.
    static func sentence(_ comparison: CheckpointComparison) -> String {
        let scores = comparison.overall?.comparison
        let interval = scores?.interval.map { " (95 % \(signed($0.lower)) to \(signed($0.upper)))" } ?? ""
        return "\(comparison.dataset): \(comparison.second.checkpoint) against \(comparison.first.checkpoint) "
            + signed(scores?.difference ?? 0) + interval
    }

    private static func signed(_ difference: Double) -> String {
        (difference > 0 ? "+" : "") + Quantity.fixed(difference, places: 4)
    }
}

extension CheckpointComparison.Side {
    /// A number where it is one.
    fileprivate var layerCell: JSONValue { Int(layer).map(JSONValue.integer) ?? .text(layer) }

    fileprivate var described: String {
        "\(checkpoint) (layer \(layer)" + (bestOf.map { ", the best of \($0)" } ?? "") + ")"
    }
}
