import Console
import Evaluation

/// Values over layers or training steps as an inline SVG: one line each, with a band where intervals are known, named
/// in a list below that a narrow window wraps.
struct LayerChart {
    struct Point {
        let x: Double
        let score: Double
        let interval: ConfidenceInterval?
    }

    struct Curve {
        let name: String
        /// Ascending by x.
        let points: [Point]
    }

    let title: String
    let curves: [Curve]
    /// What x counts: "layer", "step".
    var unit = "layer"

    /// Colours there are; further curves begin again.
    private static let colours = 8
    private static let (width, height) = (720.0, 300.0)
    private static let (left, right, top, bottom) = (56.0, 16.0, 12.0, 40.0)

    /// The drawing and what its colours mean; empty when there is nothing to draw.
    var html: String {
        let points = curves.flatMap(\.points)
        let scores = points.flatMap { [$0.score, $0.interval?.lower ?? $0.score, $0.interval?.upper ?? $0.score] }
        guard let first = points.map(\.x).min(), let last = points.map(\.x).max(), let lowest = scores.min(),
            let highest = scores.max()
        else { return "" }
        // Scores of a store are bounded numbers; a chart of others says nothing.
        guard lowest >= -1e6, highest <= 1e6 else { return "" }
        let step = Self.step(for: highest - min(lowest, 0))
        let bottomScore = (min(lowest, 0) / step).rounded(.down) * step
        let topScore = max((highest / step).rounded(.up) * step, bottomScore + step)
        func x(_ value: Double) -> Double {
            Self.left + (value - first) / max(last - first, 1) * (Self.width - Self.left - Self.right)
        }
        func y(_ score: Double) -> Double {
            Self.height - Self.bottom
                - (score - bottomScore) / (topScore - bottomScore) * (Self.height - Self.top - Self.bottom)
        }
        var text =
            "<figure>\n<figcaption>\(MarkupText.escaped(title))</figcaption>\n"
            + "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" "
            + "aria-label=\"\(MarkupText.escaped(title))\">\n"
        for line in 0...Int(((topScore - bottomScore) / step).rounded()) {
            let score = bottomScore + Double(line) * step
            text +=
                "<line class=\"grid\" x1=\"\(n(Self.left))\" x2=\"\(n(Self.width - Self.right))\" "
                + "y1=\"\(n(y(score)))\" "
                + "y2=\"\(n(y(score)))\"/><text x=\"\(n(Self.left - 6))\" y=\"\(n(y(score) + 4))\" text-anchor=\"end\">"
                + "\(Quantity.fixed(score, places: 3))</text>\n"
        }
        // At most a dozen labels: a deep model's layers would run into each other.
        let stride = max(1, ((last - first + 12) / 12).rounded(.down))
        for value in Swift.stride(from: first, through: last, by: stride) {
            text +=
                "<text x=\"\(n(x(value)))\" y=\"\(n(Self.height - Self.bottom + 18))\" text-anchor=\"middle\">"
                + "\(Quantity.grouped(Int(value)))</text>\n"
        }
        text +=
            "<text x=\"\(n((Self.left + Self.width - Self.right) / 2))\" y=\"\(n(Self.height - 4))\" "
            + "text-anchor=\"middle\">\(MarkupText.escaped(unit))</text>\n"
        for (index, curve) in curves.enumerated() {
            text += drawing(curve, colour: index % Self.colours, x: x, y: y)
        }
        text += "</svg>\n<ul class=\"key\">"
        for (index, curve) in curves.enumerated() {
            text +=
                "<li><span class=\"swatch f\(index % Self.colours)\"></span>\(MarkupText.escaped(curve.name))</li>"
        }
        return text + "</ul>\n</figure>\n"
    }

    private func drawing(
        _ curve: Curve, colour: Int, x: (Double) -> Double, y: (Double) -> Double
    ) -> String {
        var text = ""
        let known = curve.points.compactMap { point in point.interval.map { (point.x, $0) } }
        if known.count > 1 {
            let upper = known.map { "\(n(x($0.0))),\(n(y($0.1.upper)))" }
            let lower = known.reversed().map { "\(n(x($0.0))),\(n(y($0.1.lower)))" }
            text += "<polygon class=\"band f\(colour)\" points=\"\((upper + lower).joined(separator: " "))\"/>\n"
        }
        let line = curve.points.map { "\(n(x($0.x))),\(n(y($0.score)))" }.joined(separator: " ")
        text += "<polyline class=\"curve s\(colour)\" points=\"\(line)\"/>\n"
        // Points of a long curve would hide it.
        guard curve.points.count <= 64 else { return text }
        for point in curve.points {
            let interval = point.interval.map {
                " (\(Quantity.fixed($0.lower, places: 4)) to \(Quantity.fixed($0.upper, places: 4)))"
            }
            text +=
                "<circle class=\"f\(colour)\" cx=\"\(n(x(point.x)))\" cy=\"\(n(y(point.score)))\" r=\"3\"><title>"
                + "\(MarkupText.escaped(curve.name)), \(unit) \(Int(point.x)): "
                + "\(Quantity.fixed(point.score, places: 4))\(interval ?? "")</title></circle>\n"
        }
        return text
    }

    /// 1, 2 or 5 times a power of ten, so that four to ten lines span the scores.
    private static func step(for span: Double) -> Double {
        guard span > 0, span.isFinite else { return 0.1 }
        var step = 1e-6
        // 1 → 2 → 5 → 10
        let factors = [2, 2.5, 2]
        var position = 0
        while span / step > 6 {
            step *= factors[position % 3]
            position += 1
        }
        return step
    }

    private func n(_ value: Double) -> String { Quantity.fixed(value, places: 1) }
}
