import Console

#if canImport(Glibc)
import Glibc
#endif

/// A matrix of counts as an SVG picture (the paper's Figure 3): one cell for every two languages, logarithmic colours.
///
/// The same matrix gives the same bytes. Every cell carries its exact count as a tooltip.
struct HeatMap {
    let matrix: PairMatrix
    let title: String
    let subtitle: String

    private static let cell = 26
    private static let left = 52
    private static let top = 96
    private static let margin = 24
    private static let legendHeight = 74
    /// A single language still leaves room for title and scale.
    private static let minimalWidth = 660
    private static let background = "#ffffff"
    private static let emptyCell = "#f1f2f4"
    private static let ink = "#1f2933"

    var svg: String {
        let side = matrix.codes.count * Self.cell
        let width = max(Self.left + side + Self.margin, Self.minimalWidth)
        let height = Self.top + side + Self.legendHeight
        var output = """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" \
            font-family="Helvetica, Arial, 'Liberation Sans', sans-serif" role="img">
            <title>\(MarkupText.escaped(title))</title>
            <desc>\(MarkupText.escaped(subtitle))</desc>
            <rect width="\(width)" height="\(height)" fill="\(Self.background)"/>
            <text x="\(Self.margin)" y="34" font-size="19" font-weight="bold" fill="\(Self.ink)">\
            \(MarkupText.escaped(title))</text>
            <text x="\(Self.margin)" y="56" font-size="12" fill="#52606d">\(MarkupText.escaped(subtitle))</text>

            """
        output += labels(side: side) + cells + legend(y: Self.top + side + 22)
        return output + "</svg>\n"
    }

    /// Codes above the columns and before the rows.
    private func labels(side: Int) -> String {
        var output = "<g font-size=\"11\" fill=\"\(Self.ink)\" text-anchor=\"middle\">\n"
        for (place, code) in matrix.codes.enumerated() {
            let middle = Self.left + place * Self.cell + Self.cell / 2
            output += "<text x=\"\(middle)\" y=\"\(Self.top - 7)\">\(MarkupText.escaped(code))</text>\n"
        }
        output += "</g>\n<g font-size=\"11\" fill=\"\(Self.ink)\" text-anchor=\"end\">\n"
        for (place, code) in matrix.codes.enumerated() {
            let baseline = Self.top + place * Self.cell + Self.cell / 2 + 4
            output += "<text x=\"\(Self.left - 7)\" y=\"\(baseline)\">\(MarkupText.escaped(code))</text>\n"
        }
        return output + "</g>\n"
    }

    private var cells: String {
        var output = "<g font-size=\"8\" text-anchor=\"middle\">\n"
        for (row, first) in matrix.codes.enumerated() {
            for (column, second) in matrix.codes.enumerated() {
                let count = matrix[row, column]
                let x = Self.left + column * Self.cell
                let y = Self.top + row * Self.cell
                let fraction = count > 0 ? self.fraction(of: count) : 0
                output += "<g><title>\(MarkupText.escaped("\(first)-\(second): \(Quantity.grouped(count))"))</title>"
                output += "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(Self.cell - 1)\" height=\"\(Self.cell - 1)\" fill=\""
                output += (count > 0 ? SequentialColor.hexadecimal(fraction) : Self.emptyCell) + "\"/>"
                if count > 0 {
                    let ink = SequentialColor.isDark(fraction) ? Self.background : Self.ink
                    output += "<text x=\"\(x + Self.cell / 2)\" y=\"\(y + Self.cell / 2 + 3)\" fill=\"\(ink)\">"
                    output += Self.short(count) + "</text>"
                }
                output += "</g>\n"
            }
        }
        return output + "</g>\n"
    }

    /// The colour scale: a bar of steps, a tick at every power of ten and at the largest count.
    private func legend(y: Int) -> String {
        let steps = 100
        let width = 400
        var output = "<g font-size=\"11\" fill=\"\(Self.ink)\">\n"
        for step in 0..<steps {
            let color = SequentialColor.hexadecimal((Double(step) + 0.5) / Double(steps))
            let x = Self.left + step * width / steps
            // One unit wider than a step: no seams between neighbours.
            let overlap = step + 1 < steps ? 1 : 0
            output += "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(width / steps + overlap)\" height=\"12\" "
            output += "fill=\"\(color)\"/>\n"
        }
        var ticks = [1]
        while let last = ticks.last, last <= matrix.maximum / 10 { ticks.append(last * 10) }
        // A power of ten close below the largest count would run into its label.
        if matrix.maximum > 1 {
            if let last = ticks.last, last > 1, fraction(of: last) > 0.88 { ticks.removeLast() }
            ticks.append(matrix.maximum)
        }
        for tick in ticks {
            let x = Self.left + Int((fraction(of: tick) * Double(width)).rounded())
            output += "<path d=\"M\(x) \(y + 12)v4\" stroke=\"\(Self.ink)\"/>"
            output += "<text x=\"\(x)\" y=\"\(y + 28)\" text-anchor=\"middle\">\(Quantity.grouped(tick))</text>\n"
        }
        let after = Self.left + width + 34
        output += "<rect x=\"\(after)\" y=\"\(y)\" width=\"12\" height=\"12\" fill=\"\(Self.emptyCell)\" "
        output += "stroke=\"#cbd2d9\"/>"
        output += "<text x=\"\(after + 18)\" y=\"\(y + 10)\">no constraint</text>\n"
        return output + "</g>\n"
    }

    /// Place of a count on the logarithmic scale from 1 to the largest.
    private func fraction(of count: Int) -> Double {
        matrix.maximum > 1 ? log(Double(count)) / log(Double(matrix.maximum)) : 1
    }

    /// Four characters as a rule: 999, 1.2k, 45k, 450k, 1.2M.
    static func short(_ count: Int) -> String {
        if count < 1_000 { return String(count) }
        var step = 100
        while count >= step * 100 { step *= 10 }
        // Two digits below ten of a unit, whole units above: 9,960 becomes 10k, 999,600 becomes 1M.
        step = count >= 1_000_000 ? step : min(step, 1_000)
        let rounded = (count + step / 2) / step * step
        let (unit, name) = rounded >= 1_000_000 ? (1_000_000, "M") : (1_000, "k")
        let tenths = rounded / (unit / 10)
        return tenths < 100 && tenths % 10 != 0 ? "\(tenths / 10).\(tenths % 10)\(name)" : "\(tenths / 10)\(name)"
    }
}

/// A light-to-dark scale whose lightness falls evenly: ColorBrewer's YlGnBu, which also reads in grey and for the
/// colour-blind.
enum SequentialColor {
    /// Red, green, blue at equal steps.
    private static let anchors: [(Double, Double, Double)] = [
        (0xff, 0xff, 0xd9), (0xed, 0xf8, 0xb1), (0xc7, 0xe9, 0xb4), (0x7f, 0xcd, 0xbb), (0x41, 0xb6, 0xc4),
        (0x1d, 0x91, 0xc0), (0x22, 0x5e, 0xa8), (0x25, 0x34, 0x94), (0x08, 0x1d, 0x58),
    ]

    /// - Parameter fraction: 0 is light, 1 is dark; what lies outside is taken as the nearer end.
    static func hexadecimal(_ fraction: Double) -> String {
        let place = min(max(fraction, 0), 1) * Double(anchors.count - 1)
        let below = min(Int(place), anchors.count - 2)
        let (low, high, share) = (anchors[below], anchors[below + 1], place - Double(below))
        return "#"
            + [(low.0, high.0), (low.1, high.1), (low.2, high.2)].map { start, end in
                let value = Int((start + (end - start) * share).rounded())
                return (value < 16 ? "0" : "") + String(value, radix: 16)
            }.joined()
    }

    /// Whether white text reads better on it than black.
    static func isDark(_ fraction: Double) -> Bool { fraction > 0.55 }
}
