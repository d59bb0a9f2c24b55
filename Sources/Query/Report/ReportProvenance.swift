import Console
import Files
import Lookup
import Store

#if canImport(Glibc)
import Glibc
#endif

/// What the report's numbers were computed from: checkpoints, how they were trained, dates, data, rules.
struct ReportProvenance {
    let contents: ReportContents

    /// Which days the results are of.
    static func period(_ records: [ResultRecord]) -> String {
        guard let first = records.map(\.created).min(), let last = records.map(\.created).max() else { return "" }
        let (from, to) = (day(first), day(last))
        return "\(Quantity.counted(records.count, "result")), computed "
            + (from == to ? "on \(from)" : "between \(from) and \(to)") + " (UTC)."
    }

    /// "2026-11-26 22:45"
    private static func day(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds > 0, seconds < 4e11 else { return "an unknown day" }
        var time = time_t(seconds), parts = tm()
        gmtime_r(&time, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return
            "\(1900 + parts.tm_year)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min))"
    }

    var html: String {
        let rows = contents.checkpoints.map { record -> [ReportText.Cell] in
            let own = contents.selection.current.filter { $0.checkpoint == record.name }
            return [
                .text(record.name), .text(record.fingerprint.short), .text(record.architecture),
                ReportText.count(Double(record.layerCount)), ReportText.count(Double(record.hiddenSize)),
                .text(record.source), ReportText.count(Double(own.count)),
                .text(own.map(\.created).max().map(Self.day) ?? "–"),
            ]
        }
        var text =
            "<h2>What this was computed from</h2>\n"
            + ReportText.table(
                ["checkpoint", "fingerprint", "architecture", "layers", "hidden size", "folder", "results", "newest"],
                rows: rows, caption: "Checkpoints of the store", isSortable: true)
        for record in contents.checkpoints { text += training(record) }
        for group in contents.board.groups {
            for entry in group { text += provenance(entry) }
        }
        return text
    }

    // MARK: Training

    private func training(_ record: CheckpointRecord) -> String {
        guard let json = record.training else { return "" }
        let title = "\(record.name): how it was trained (training.json)"
        var bytes = Array(json.utf8)
        let value = bytes.withUnsafeMutableBufferPointer {
            try? JSONReader.read(UnsafeBufferPointer($0), path: "training.json of \(record.name)") { try $0.value() }
        }
        guard let value else {
            return ReportText.details(title, ReportText.paragraph("training.json is no JSON document."))
        }
        let rows = Self.leaves(value, under: "").prefix(Self.mostSettings)
        return ReportText.details(
            title,
            TrainingCurves(record).html
                + ReportText.table(
                    ["setting", "value"], rows: rows.map { [.text($0.key), .text($0.value)] },
                    caption: "\(record.name): training.json"))
    }

    private static let mostSettings = 300

    /// "settings.loss" → "ntxent"; of long lists and texts the beginning.
    private static func leaves(_ value: JSONValue, under key: String) -> [(key: String, value: String)] {
        if let members = value.members {
            return members.flatMap { leaves($0.value, under: key.isEmpty ? $0.key : key + "." + $0.key) }
        }
        let text = value.string ?? value.line
        return [(key, text.count > 200 ? text.prefix(200) + "…" : text)]
    }

    // MARK: Results

    /// Provenance that differs from result to result is counted, not listed.
    private func provenance(_ entry: Leaderboard.Entry) -> String {
        let own = entry.records
        let keys = Set(own.flatMap(\.provenance.keys)).sorted()
        let rows = keys.map { key -> [ReportText.Cell] in
            let values = Set(own.map { $0.provenance[key] ?? "–" }).sorted()
            let shown = values.count == 1 ? values[0] : "\(values.count) values: \(values[0]), …"
            return [.text(key), .text(shown.count > 200 ? shown.prefix(200) + "…" : shown)]
        }
        return ReportText.details(
            "\(entry.schema.task) · \(entry.dataset) · \(entry.checkpoint): "
                + "fingerprints and rules of \(own.count) results",
            ReportText.table(["what", "value"], rows: rows, caption: "layer \(entry.best.name)"))
    }
}
