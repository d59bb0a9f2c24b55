import Console
import Lookup

/// What a checkpoint gains over another, pair of languages by pair of languages, with the intervals of the differences:
/// the form of the paper's Figure 1.
struct GainChart {
    let comparison: CheckpointComparison

    private static let (width, row, left, right) = (640.0, 20.0, 90.0, 70.0)
    /// Pairs shown; the others are in the table.
    private static let mostPairs = 60

    /// Largest gain first.
    private var pairs: [(name: String, scores: CheckpointComparison.Scores)] {
        comparison.pairs.compactMap { pair in pair.scores.map { (pair.name, $0) } }
            .sorted { (-$0.scores.comparison.difference, $0.name) < (-$1.scores.comparison.difference, $1.name) }
    }

    var svg: String {
        let shown = Array(pairs.prefix(Self.mostPairs))
        let bounds = shown.flatMap { pair -> [Double] in
            let comparison = pair.scores.comparison
            return [comparison.difference, comparison.interval?.lower ?? 0, comparison.interval?.upper ?? 0]
        }
        let most = max(bounds.map(\.magnitude).max() ?? 0, 1e-6)
        func x(_ value: Double) -> Double {
            Self.left + (value / most + 1) / 2 * (Self.width - Self.left - Self.right)
        }
        let height = Double(shown.count) * Self.row + 24
        let title = "gain of \(comparison.second.checkpoint) over \(comparison.first.checkpoint) for each pair"
        var text =
            "<svg viewBox=\"0 0 \(n(Self.width)) \(n(height))\" role=\"img\" "
            + "aria-label=\"\(MarkupText.escaped(title))\">\n"
            + "<line class=\"zero\" x1=\"\(n(x(0)))\" x2=\"\(n(x(0)))\" y1=\"0\" y2=\"\(n(height - 20))\"/>\n"
        for (index, pair) in shown.enumerated() {
            let comparison = pair.scores.comparison, y = Double(index) * Self.row
            let (low, high) = (min(comparison.difference, 0), max(comparison.difference, 0))
            let isSure = comparison.interval.map { $0.lower > 0 || $0.upper < 0 } ?? false
            text +=
                "<text x=\"\(n(Self.left - 8))\" y=\"\(n(y + 14))\" text-anchor=\"end\">"
                + "\(MarkupText.escaped(String(pair.name.prefix(12))))</text>"
                + "<rect class=\"\(!isSure ? "unsure" : comparison.difference < 0 ? "loss" : "sure")\" "
                + "x=\"\(n(x(low)))\" "
                + "y=\"\(n(y + 3))\" width=\"\(n(max(x(high) - x(low), 0.5)))\" height=\"13\">"
                + "<title>\(MarkupText.escaped(pair.name)): \(Self.signed(comparison.difference))</title></rect>"
            if let interval = comparison.interval {
                text +=
                    "<line class=\"whisker\" x1=\"\(n(x(interval.lower)))\" x2=\"\(n(x(interval.upper)))\" "
                    + "y1=\"\(n(y + 9.5))\" y2=\"\(n(y + 9.5))\"/>"
            }
            text +=
                "<text x=\"\(n(Self.width - Self.right + 8))\" y=\"\(n(y + 14))\">\(Self.signed(comparison.difference))"
                + "</text>\n"
        }
        text +=
            "<text x=\"\(n(x(-most)))\" y=\"\(n(height - 5))\">\(Self.signed(-most))</text>"
            + "<text x=\"\(n(x(0)))\" y=\"\(n(height - 5))\" text-anchor=\"middle\">0</text>"
            + "<text x=\"\(n(x(most)))\" y=\"\(n(height - 5))\" text-anchor=\"end\">\(Self.signed(most))</text>\n"
        return text + "</svg>\n"
    }

    var html: String {
        let (first, second) = (comparison.first, comparison.second)
        var sentence =
            "\(second.checkpoint) (layer \(second.layer)) less \(first.checkpoint) (layer \(first.layer)), "
            + "MRR over the "
            + "queries both rank"
        if let overall = comparison.overall {
            sentence += ": \(Self.text(overall)) over \(comparison.compared) pairs"
        }
        if comparison.dropped > 0 {
            sentence += "; \(Quantity.counted(comparison.dropped, "query", "queries")) only one ranks"
        }
        let known = pairs
        let sure = known.filter { $0.scores.comparison.interval.map { $0.lower > 0 || $0.upper < 0 } ?? false }
        let gained = sure.count { $0.scores.comparison.difference > 0 }
        var text = ReportText.paragraph(sentence + ".")
        if known.isEmpty { return text + ReportText.paragraph("No query is ranked by both.") }
        text += ReportText.paragraph(
            "\(gained) of \(known.count) pairs gained and \(sure.count - gained) lost by more than their words' "
                + "chance; "
                + "\(known.count - sure.count) could be either (grey).")
        text += "<figure>\n\(svg)"
        if known.count > Self.mostPairs {
            text +=
                "<figcaption>the first \(Self.mostPairs) of \(known.count) pairs; all are in the table</figcaption>\n"
        }
        text += "</figure>\n"
        let rows = known.map { pair -> [ReportText.Cell] in
            let found = pair.scores.comparison
            return [
                .text(pair.name), ReportText.count(Double(found.queries)), ReportText.score(pair.scores.firstMean),
                ReportText.score(pair.scores.secondMean), .number(Self.signed(found.difference), found.difference),
                .number(
                    found.interval.map { "\(Self.signed($0.lower)) to \(Self.signed($0.upper))" } ?? "–",
                    found.interval?.lower),
                ReportText.score(pair.scores.adjusted), ReportText.count(Double(found.wins)),
                ReportText.count(Double(found.ties)), ReportText.count(Double(found.losses)),
            ]
        }
        return text
            + ReportText.details(
                "every pair",
                ReportText.table(
                    [
                        "pair", "queries", first.checkpoint, second.checkpoint, "difference", "95 % interval",
                        "p (Holm)",
                        "wins", "ties", "losses",
                    ], rows: rows, caption: "\(comparison.dataset): \(second.checkpoint) against \(first.checkpoint)",
                    isSortable: true))
    }

    private static func text(_ scores: CheckpointComparison.Scores) -> String {
        let found = scores.comparison
        return signed(found.difference)
            + (found.interval.map { " (95 % interval \(signed($0.lower)) to \(signed($0.upper)))" } ?? "")
            + ", p = \(Quantity.fixed(found.probability, places: 4))"
    }

    static func signed(_ value: Double) -> String {
        let text = Quantity.fixed(value, places: 4)
        return value > 0 && text != "0.0000" ? "+" + text : text
    }

    private func n(_ value: Double) -> String { Quantity.fixed(value, places: 1) }
}
