import Console
import Lookup
import Store

/// The HTML of `query report`: one page that needs no network, with drawings that need no script.
struct ReportPage {
    let contents: ReportContents

    private var board: Leaderboard { contents.board }

    var html: String {
        var body =
            "<h1>Polylex results</h1>\n" + ReportText.paragraph(ReportProvenance.period(contents.selection.current))
        for omission in board.omissions { body += ReportText.paragraph(omission + ".") }
        if !board.entries.isEmpty { body += leaderboard }
        for group in board.groups { body += section(group) }
        body +=
            HubnessSection(
                records: contents.hubs,
                example: board.entries.first { $0.schema.task == ResultSchema.bli.task }?.records.first?.pair
            ).html
        body += ReportProvenance(contents: contents).html
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
            script-src '\(ReportStyle.scriptHash)'">
            <title>Polylex results</title>
            <style>
            \(ReportStyle.css)
            </style>
            </head>
            <body>
            <main>
            \(body)</main>
            <script>\(ReportStyle.script)</script>
            </body>
            </html>

            """
    }

    private var leaderboard: String {
        let basis = contents.basis
        let notes = LeaderboardNotes(board.entries, selection: basis)
        let rows = board.entries.enumerated().map { place, entry -> [ReportText.Cell] in
            let coverage = entry.best.means["coverage"]
            return [
                .text(entry.schema.task), .text(entry.dataset), .text(entry.checkpoint),
                .text(Self.measure(entry.schema)), ReportText.count(Double(entry.best.pairs)),
                ReportText.count(Double(entry.queries)),
                .number(coverage.map { Quantity.fixed(100 * $0, places: 1) + " %" } ?? "–", coverage),
                .number(entry.best.name, Double(entry.best.layer)), ReportText.score(entry.score),
                notes.selections[place].map { .number("[\($0)]", nil) }
                    ?? ReportText.score(entry.selected(on: basis).scores?.mean),
                ReportText.interval(entry.interval?.overQueries), ReportText.interval(entry.interval?.overPairs),
                ReportText.score(entry.last?.means[entry.schema.headline]),
                .text(notes.comparisons[place].map { "not comparable [\($0)]" } ?? ""),
            ]
        }
        return ReportText.table(
            [
                "task", "data set", "checkpoint", "measure", "pairs", "queries", "coverage", "best layer", "score",
                basis == .half ? "layer chosen on half" : "layer chosen on other pairs", "95 % over queries",
                "95 % over pairs", "last layer's", "note",
            ], rows: rows, caption: "Leaderboard: means over pairs at each checkpoint's best layer", isSortable: true)
            + ([Self.about(basis)] + notes.texts).map {
                "<p class=\"quiet\">\(MarkupText.escaped($0))</p>\n"
            }.joined()
    }

    /// What the columns mean that could be misread.
    private static func about(_ basis: StoredSelection) -> String {
        "Best layer: the best on the very pairs it is scored on, which flatters; intervals leave that choice out. "
            + (basis == .half
                ? "Layer chosen on half: each half of the queries at the layer that is best on the other half. "
                : "Layer chosen on other pairs: each pair at the layer that is best on all other pairs. ")
            + "Coverage: share of a dictionary's rows that are queries."
    }

    private func section(_ group: [Leaderboard.Entry]) -> String {
        guard let first = group.first else { return "" }
        let schema = first.schema
        var text = "<h2>\(MarkupText.escaped(schema.task)) · \(MarkupText.escaped(first.dataset))</h2>\n"
        let curves = group.map { entry in
            LayerChart.Curve(
                name: entry.checkpoint,
                points: entry.means.layers.filter { $0.mean == nil }.compactMap { layer in
                    layer.means[schema.headline].map { score in
                        .init(
                            x: Double(layer.layer), score: score,
                            interval: board.intervals[schema.task]?.intervals(
                                of: layer, in: entry.means, schema.headline)?.overQueries)
                    }
                })
        }
        text +=
            LayerChart(
                title: "mean \(Self.measure(schema)) by layer, with 95 % intervals over queries", curves: curves
            ).html
        text += comparisons(first)
        for entry in group {
            text +=
                PairMatrix(
                    title: "\(entry.checkpoint), layer \(entry.best.name)", measure: Self.measure(schema),
                    records: entry.records, key: schema.headline
                ).html
        }
        for entry in group {
            text += ReportText.details(
                "\(entry.checkpoint): every layer, and every pair at layer \(entry.best.name)",
                layerTable(entry) + pairTable(entry))
        }
        return text
    }

    private func comparisons(_ entry: Leaderboard.Entry) -> String {
        guard entry.schema.task == ResultSchema.bli.task else { return "" }
        let found = contents.comparisons[entry.dataset] ?? [], remarks = contents.remarks[entry.dataset] ?? []
        guard !found.isEmpty || !remarks.isEmpty else { return "" }
        var text = found.isEmpty ? "" : "<h3>Gains</h3>\n"
        for (index, comparison) in found.enumerated() {
            // The best against the last is what a report is opened for.
            let title = "\(comparison.second.checkpoint) against \(comparison.first.checkpoint)"
            text +=
                "<details\(index == 0 ? " open" : "")><summary>\(MarkupText.escaped(title))</summary>\n"
                + GainChart(comparison: comparison).html + "</details>\n"
        }
        for remark in remarks { text += ReportText.paragraph(remark) }
        return text
    }

    private func layerTable(_ entry: Leaderboard.Entry) -> String {
        let scores = entry.schema.shownValues.filter { if case .score = $0 { true } else { false } }
        let rows = entry.means.layers.map { layer -> [ReportText.Cell] in
            [.number(layer.name, Double(layer.layer)), ReportText.count(Double(layer.pairs))]
                + scores.map { ReportText.score(layer.means[$0.key]) }
        }
        return ReportText.table(
            ["layer", "pairs"] + scores.map(\.key), rows: rows,
            caption: "\(entry.dataset), \(entry.checkpoint): means over pairs at each layer",
            marked: entry.means.layers.firstIndex { $0.name == entry.best.name })
    }

    private func pairTable(_ entry: Leaderboard.Entry) -> String {
        let rows = entry.records.map { record -> [ReportText.Cell] in
            [.text(record.pair)]
                + entry.schema.shownValues.map { value in
                    if case .count = value { return ReportText.count(record.values[value.key]) }
                    return ReportText.score(record.values[value.key])
                } + [
                    ReportText.interval(
                        board.intervals[entry.schema.task]?.interval(of: record, entry.schema.headline))
                ]
        }
        return ReportText.table(
            ["pair"] + entry.schema.shownValues.map(\.key) + ["95 % of \(entry.schema.headline)"], rows: rows,
            caption: "\(entry.dataset), \(entry.checkpoint): every pair at layer \(entry.best.name)", isSortable: true)
    }

    private static func measure(_ schema: ResultSchema) -> String {
        switch schema.task {
        case "bli": "MRR"
        case "xlsim": "Spearman’s ρ"
        default: schema.headline
        }
    }
}

/// What the report looks like, and its one script. Neither holds anything from a store.
enum ReportStyle {
    static let css = String(decoding: PackageResources.report_css, as: UTF8.self)

    /// Titles of sortable tables become buttons.
    static let script = String(decoding: PackageResources.report_js, as: UTF8.self)

    /// Of `script`, as a Content-Security-Policy names it: nothing else in the page can run, whatever a name contains.
    static let scriptHash = "sha256-L9Rl+z8VK72xLLNZJk2eoBTHaLmbsDpdw5MIjYGTHiE="
}
