import Console
import Lookup
import Store

/// The HTML of `query report`: one page, no scripts, no network.
struct ReportPage {
    let board: Leaderboard
    /// Sorted, as `StoredResults` gives them.
    let records: [ResultRecord]
    /// What was left out and why.
    let omissions: [String]

    var html: String {
        var body = "<h1>Polylex results</h1>\n"
        for omission in omissions { body += "<p>\(MarkupText.escaped(omission)).</p>\n" }
        body += leaderboard
        for group in board.groups { body += section(group) }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Polylex results</title>
            <style>
            body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: \
            #1c2530; background: #fff; }
            h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
            table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
            th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #dde3ea; }
            th { font-weight: 600; } th.text, td.text { text-align: left; } tr.best td { font-weight: 600; background: \
            #eef4fb; }
            svg { max-width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: #1c2530; }
            details { margin: 1rem 0; } summary { cursor: pointer; }
            </style>
            </head>
            <body>
            \(body)</body>
            </html>

            """
    }

    private var leaderboard: String {
        let rows = LeaderboardRows(board)
        let table = rows.shown
        let cells = zip(table.displayed, board.entries).map { row, entry in
            row.enumerated().map { table.columns[$0].key == "measure" ? Self.measure(entry.schema) : $1 }
        }
        let notes = ([LeaderboardRows.about] + rows.notes).map { "<p>\(MarkupText.escaped($0))</p>\n" }.joined()
        return Self.table(table.columns.map(\.title), rows: cells, textColumns: 4) + notes
    }

    private func section(_ group: [Leaderboard.Entry]) -> String {
        guard let first = group.first else { return "" }
        let schema = first.schema
        var text = "<h2>\(MarkupText.escaped(schema.task)) · \(MarkupText.escaped(first.dataset))</h2>\n"
        let curves = group.map { entry in
            LayerChart.Curve(
                name: entry.checkpoint,
                points: entry.means.layers.filter { $0.mean == nil }.compactMap { layer in
                    layer.means[schema.headline].map { (layer: layer.layer, score: $0) }
                })
        }
        text += LayerChart(title: "mean \(Self.measure(schema)) by layer", curves: curves).svg
        for entry in group {
            text +=
                "<details><summary>\(MarkupText.escaped(entry.checkpoint)): every layer, and every pair at layer "
                + "\(entry.best.name)</summary>\n" + layerTable(entry) + pairTable(entry) + "</details>\n"
        }
        return text
    }

    private func layerTable(_ entry: Leaderboard.Entry) -> String {
        let scores = entry.schema.shownValues.filter { if case .score = $0 { true } else { false } }
        let rows = entry.means.layers.map { layer in
            [layer.name, "\(layer.pairs)"]
                + scores.map { layer.means[$0.key].map { Quantity.fixed($0, places: 4) } ?? "–" }
        }
        let best = entry.means.layers.firstIndex { $0.name == entry.best.name }
        return Self.table(["layer", "pairs"] + scores.map(\.key), rows: rows, textColumns: 0, marked: best)
    }

    private func pairTable(_ entry: Leaderboard.Entry) -> String {
        let own = records.filter {
            $0.task == entry.schema.task && $0.dataset == entry.dataset && $0.checkpoint == entry.checkpoint
                && entry.best.holds($0)
        }
        let rows = own.map { record in
            [record.pair]
                + entry.schema.shownValues.map { value in
                    guard let number = record.values[value.key] else { return "–" }
                    if case .count = value { return Int(exactly: number).map(Quantity.grouped) ?? "\(number)" }
                    return Quantity.fixed(number, places: 4)
                }
        }
        return Self.table(["pair"] + entry.schema.shownValues.map(\.key), rows: rows, textColumns: 1)
    }

    private static func measure(_ schema: ResultSchema) -> String {
        switch schema.task {
        case "bli": "MRR"
        case "xlsim": "Spearman’s ρ"
        default: schema.headline
        }
    }

    private static func table(
        _ titles: [String], rows: [[String]], textColumns: Int, marked: Int? = nil
    ) -> String {
        func cells(_ row: [String], _ element: String) -> String {
            row.enumerated().map { column, cell in
                "<\(element)\(column < textColumns ? " class=\"text\"" : "")>\(MarkupText.escaped(cell))</\(element)>"
            }.joined()
        }
        var text = "<table>\n<thead><tr>\(cells(titles, "th"))</tr></thead>\n<tbody>\n"
        for (index, row) in rows.enumerated() {
            text += "<tr\(index == marked ? " class=\"best\"" : "")>\(cells(row, "td"))</tr>\n"
        }
        return text + "</tbody>\n</table>\n"
    }
}
