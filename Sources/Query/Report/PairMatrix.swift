import Console
import Lookup
import Store

/// Scores by source and target language, as a table behind colours.
struct PairMatrix {
    let title: String
    let measure: String
    /// Of one checkpoint, data set and layer.
    let records: [ResultRecord]
    /// Key of the value shown.
    let key: String

    /// Empty where the pairs are no matrix: fewer than two sources or two targets.
    var html: String {
        let known = records.compactMap { record -> (source: String, target: String, value: Double)? in
            let parts = record.pair.split(separator: "-", maxSplits: 1).map(String.init)
            guard parts.count == 2, let value = record.values[key] else { return nil }
            return (parts[0], parts[1], value)
        }
        let (sources, targets) = (Set(known.map(\.source)).sorted(), Set(known.map(\.target)).sorted())
        guard sources.count > 1, targets.count > 1, let lowest = known.map(\.value).min(),
            let highest = known.map(\.value).max()
        else { return "" }
        let values = Dictionary(known.map { ([$0.source, $0.target], $0.value) }) { first, _ in first }
        let rows = sources.map { source in
            [.text(source)]
                + targets.map { target -> ReportText.Cell in
                    guard let value = values[[source, target]] else { return .number("", nil) }
                    let strength = highest > lowest ? (value - lowest) / (highest - lowest) : 0.5
                    return .shade(Quantity.fixed(value, places: 3), value, strength: strength)
                }
        }
        return ReportText.table(
            ["from \\ to"] + targets, rows: rows, caption: "\(title): \(measure) from row to column", rowTitles: true)
    }
}
