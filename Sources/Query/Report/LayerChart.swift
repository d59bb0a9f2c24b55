import Console

/// Scores over layers as an inline SVG: one line a checkpoint, named at the side.
struct LayerChart {
    struct Curve {
        let name: String
        /// Ascending by layer.
        let points: [(layer: Int, score: Double)]
    }

    let title: String
    let curves: [Curve]

    private static let colours = [
        "#1769aa", "#c2410c", "#15803d", "#7e22ce", "#b91c1c", "#0f766e", "#a16207", "#4b5563",
    ]
    private static let (width, height) = (720.0, 280.0)
    private static let (left, right, top, bottom) = (56.0, 180.0, 28.0, 36.0)

    var svg: String {
        let points = curves.flatMap(\.points)
        guard let firstLayer = points.map(\.layer).min(), let lastLayer = points.map(\.layer).max(),
            let lowest = points.map(\.score).min(), let highest = points.map(\.score).max()
        else { return "" }
        // Scores of a store are bounded numbers; a chart of others says nothing.
        guard lowest >= -1e6, highest <= 1e6 else { return "" }
        let step = Self.step(for: highest - min(lowest, 0))
        let bottomScore = (min(lowest, 0) / step).rounded(.down) * step
        let topScore = max((highest / step).rounded(.up) * step, bottomScore + step)
        func x(_ layer: Int) -> Double {
            let span = Double(max(lastLayer - firstLayer, 1))
            return Self.left + Double(layer - firstLayer) / span * (Self.width - Self.left - Self.right)
        }
        func y(_ score: Double) -> Double {
            Self.height - Self.bottom
                - (score - bottomScore) / (topScore - bottomScore) * (Self.height - Self.top - Self.bottom)
        }
        var text =
            "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" width=\"\(Int(Self.width))\" role=\"img\" "
            + "aria-label=\"\(MarkupText.escaped(title))\">\n"
            + "<text x=\"\(Int(Self.left))\" y=\"16\">\(MarkupText.escaped(title))</text>\n"
        let lines = Int(((topScore - bottomScore) / step).rounded())
        for line in 0...lines {
            let score = bottomScore + Double(line) * step
            text +=
                "<line x1=\"\(n(Self.left))\" x2=\"\(n(Self.width - Self.right))\" y1=\"\(n(y(score)))\" "
                + "y2=\"\(n(y(score)))\" stroke=\"#dde3ea\"/>\n"
                + "<text x=\"\(n(Self.left - 6))\" y=\"\(n(y(score) + 4))\" text-anchor=\"end\">"
                + "\(Quantity.fixed(score, places: 3))</text>\n"
        }
        // At most a dozen labels: a deep model's layers would run into each other.
        let stride = max(1, (lastLayer - firstLayer + 12) / 12)
        for layer in Swift.stride(from: firstLayer, through: lastLayer, by: stride) {
            text +=
                "<text x=\"\(n(x(layer)))\" y=\"\(n(Self.height - Self.bottom + 18))\" text-anchor=\"middle\">"
                + "\(layer)</text>\n"
        }
        for (index, curve) in curves.enumerated() {
            let colour = Self.colours[index % Self.colours.count]
            let path = curve.points.map { "\(n(x($0.layer))),\(n(y($0.score)))" }.joined(separator: " ")
            text += "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"/>\n"
            for point in curve.points {
                text +=
                    "<circle cx=\"\(n(x(point.layer)))\" cy=\"\(n(y(point.score)))\" r=\"3\" fill=\"\(colour)\">"
                    + "<title>\(MarkupText.escaped(curve.name)), layer \(point.layer): "
                    + "\(Quantity.fixed(point.score, places: 4))</title></circle>\n"
            }
            let row = Self.top + 16 + Double(index) * 18
            text +=
                "<rect x=\"\(n(Self.width - Self.right + 16))\" y=\"\(n(row - 9))\" width=\"12\" height=\"12\" "
                + "fill=\"\(colour)\"/><text x=\"\(n(Self.width - Self.right + 34))\" y=\"\(n(row + 1))\">"
                + "\(MarkupText.escaped(String(curve.name.prefix(22))))</text>\n"
        }
        return text + "</svg>\n"
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
