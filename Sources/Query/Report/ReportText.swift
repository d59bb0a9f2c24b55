import Console
import Evaluation

/// The HTML every part of the report is made of.
enum ReportText {
    enum Cell {
        case text(String)
        /// - Parameters:
        ///   - shown: as people read it.
        ///   - value: what the column is sorted by; nil sorts last.
        case number(_ shown: String, _ value: Double?)
        /// Behind a colour whose strength is 0 to 1.
        case shade(_ shown: String, _ value: Double, strength: Double)
    }

    static func score(_ value: Double?, places: Int = 4) -> Cell {
        .number(value.map { Quantity.fixed($0, places: places) } ?? "–", value)
    }

    static func count(_ value: Double?) -> Cell {
        .number(value.flatMap { Int(exactly: $0) }.map(Quantity.grouped) ?? "–", value)
    }

    /// Sorted by its lower end.
    static func interval(_ interval: ConfidenceInterval?) -> Cell {
        .number(
            interval.map { "\(Quantity.fixed($0.lower, places: 4)) to \(Quantity.fixed($0.upper, places: 4))" } ?? "–",
            interval?.lower)
    }

    static func paragraph(_ text: String) -> String { "<p>\(MarkupText.escaped(text))</p>\n" }

    static func details(_ summary: String, _ contents: String) -> String {
        "<details><summary>\(MarkupText.escaped(summary))</summary>\n\(contents)</details>\n"
    }

    /// A table that scrolls in a box of its own where the window is narrow; with `isSortable`, a click on a column's
    /// title sorts by it where scripts run.
    /// - Parameter marked: the row to point out.
    static func table(
        _ titles: [String], rows: [[Cell]], caption: String, marked: Int? = nil, isSortable: Bool = false,
        rowTitles: Bool = false
    ) -> String {
        var text =
            "<div class=\"scrolls\" tabindex=\"0\" role=\"region\" aria-label=\"\(MarkupText.escaped(caption))\">\n"
            + "<table\(isSortable ? " class=\"sortable\"" : "")>\n<caption>\(MarkupText.escaped(caption))</caption>\n"
            + "<thead><tr>"
        for (column, title) in titles.enumerated() {
            let isText = rows.first.map { if case .text = $0[column] { true } else { false } } ?? true
            text += "<th scope=\"col\"\(isText ? " class=\"text\"" : "")>\(MarkupText.escaped(title))</th>"
        }
        text += "</tr></thead>\n<tbody>\n"
        for (index, row) in rows.enumerated() {
            text += "<tr\(index == marked ? " class=\"best\"" : "")>"
            for (column, cell) in row.enumerated() { text += Self.cell(cell, isTitle: rowTitles && column == 0) }
            text += "</tr>\n"
        }
        return text + "</tbody>\n</table>\n</div>\n"
    }

    private static func cell(_ cell: Cell, isTitle: Bool) -> String {
        let (open, close) = isTitle ? ("th scope=\"row\"", "th") : ("td", "td")
        switch cell {
        case .text(let text): return "<\(open) class=\"text\">\(MarkupText.escaped(text))</\(close)>"
        case .number(let shown, let value):
            let sorted = value.map { " data-value=\"\($0)\"" } ?? ""
            return "<\(open)\(sorted)>\(MarkupText.escaped(shown))</\(close)>"
        case .shade(let shown, let value, let strength):
            let percent = Int((min(max(strength, 0), 1) * 55).rounded())
            return
                "<\(open) data-value=\"\(value)\" style=\"background:color-mix(in srgb,var(--accent) \(percent)%,"
                + "transparent)\">\(MarkupText.escaped(shown))</\(close)>"
        }
    }
}
