import Console
import Files
import Lookup
import Store

/// How uneven neighbourhoods are, of what `query hubs` has kept: by checkpoint, pair of languages and layer.
struct HubnessSection {
    /// Of the task `hubs`, sorted by data set.
    let records: [ResultRecord]
    /// A pair of languages that is scored, to be named where nothing has been counted; nil where none is.
    let example: String?

    /// Rows a table of all checkpoints has at most; of more each checkpoint has a table of its own, to be opened.
    private static let mostRows = 40

    var html: String {
        var text = "<h2>Hubness</h2>\n"
        guard !records.isEmpty else {
            let (source, target) = languages
            return text
                + ReportText.paragraph(
                    "No hubs have been counted. query hubs --from \(source) --to \(target) --layers all counts and "
                        + "keeps them; the next report has them.")
        }
        text += "<p class=\"quiet\">\(MarkupText.escaped(Self.about))</p>\n"
        for (dataset, own) in Self.groups(records, by: \.dataset) { text += section(dataset, own) }
        return text
    }

    /// What is copied to a shell holds nothing that a shell would do.
    private var languages: (source: Substring, target: Substring) {
        let parts = (example ?? "").split(separator: "-", maxSplits: 1)
        let isPlain = parts.allSatisfy { part in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) }
        }
        return parts.count == 2 && isPlain ? (parts[0], parts[1]) : ("en", "fi")
    }

    /// What the columns mean that could be misread.
    private static let about =
        "A word of the first language of a pair asks for its nearest words of the second. Skewness: of how often the "
        + "words of the second are found; the higher, the more of the neighbourhoods a few hubs have. Anti-hubs: words "
        + "of the second that nobody finds. Largest hub: share of the words that ask which find the one found most. "
        + "Other numbers of neighbours or words are another table: they give other skewness and shares."

    private func section(_ dataset: String, _ own: [ResultRecord]) -> String {
        let means = LayerMeans.of(own, schema: .hubs)
        // Layers that lack pairs have the means of other pairs.
        let curves = means.map { means in
            LayerChart.Curve(
                name: means.checkpoint,
                points: means.candidates.filter { $0.mean == nil }.compactMap { layer in
                    layer.means[ResultSchema.hubs.headline].map {
                        .init(x: Double(layer.layer), score: $0, interval: nil)
                    }
                })
        }
        var text = "<h3>\(MarkupText.escaped(dataset))</h3>\n"
        if curves.contains(where: { $0.points.count > 1 }) {
            text += LayerChart(title: "\(dataset): skewness by layer, mean over pairs", curves: curves).html
        }
        if own.count <= Self.mostRows { return text + Self.table(own, caption: dataset) }
        for (checkpoint, rows) in Self.groups(own, by: \.checkpoint) {
            let pairs = Set(rows.map(\.pair)).count
            text += ReportText.details(
                "\(checkpoint): hubness of \(Quantity.counted(pairs, "pair")) at every layer",
                Self.table(rows, caption: "\(dataset), \(checkpoint)"))
        }
        return text
    }

    private static func table(_ records: [ResultRecord], caption: String) -> String {
        let rows = records.sorted {
            ($0.checkpoint, $0.pair, $0.mean == nil ? 0 : 1, $0.layer) < (
                $1.checkpoint, $1.pair, $1.mean == nil ? 0 : 1, $1.layer
            )
        }.map { record -> [ReportText.Cell] in
            [
                .text(record.checkpoint), .text(record.pair), .number(record.layerName, Double(record.layer)),
                ReportText.count(record.values["queries"]), ReportText.count(record.values["candidates"]),
                ReportText.score(record.values["skewness"]), share(record.values["anti_hubs"]),
                share(
                    record.values["largest"].flatMap { largest in
                        record.values["queries"].flatMap { $0 > 0 ? largest / $0 : nil }
                    }),
            ]
        }
        return ReportText.table(
            ["checkpoint", "pair", "layer", "words that ask", "words found", "skewness", "anti-hubs", "largest hub"],
            rows: rows, caption: caption, isSortable: true)
    }

    private static func share(_ value: Double?) -> ReportText.Cell {
        .number(value.map { Quantity.fixed(100 * $0, places: 2) + " %" } ?? "–", value)
    }

    /// In the order they first appear.
    private static func groups(
        _ records: [ResultRecord], by key: (ResultRecord) -> String
    ) -> [(key: String, records: [ResultRecord])] {
        var order: [String] = []
        var groups: [String: [ResultRecord]] = [:]
        for record in records {
            if groups[key(record)] == nil { order.append(key(record)) }
            groups[key(record), default: []].append(record)
        }
        return order.map { ($0, groups[$0] ?? []) }
    }
}
