import Console
import Files
import Store

/// Loss and validation over the steps of a training run, from the metrics.jsonl that `train specialize` leaves beside a
/// checkpoint.
struct TrainingCurves {
    private let record: CheckpointRecord

    init(_ record: CheckpointRecord) { self.record = record }

    /// Larger than any run leaves: 200 bytes a step.
    private static let mostBytes = 1 << 27
    /// Points of a curve; of longer runs, means of neighbouring steps.
    private static let mostPoints = 400

    /// The drawings, or why there are none.
    var html: String {
        do {
            // The folder may hold another run by now: its record says whether it is the one that was stored.
            let now = try WholeFile.read(
                record.source + "/training.json", expected: "a training record", limit: 1 << 24)
            guard now.elementsEqual((record.training ?? "").utf8) else {
                return ReportText.paragraph("\(record.source) holds another training run by now: no curves.")
            }
            let bytes = try WholeFile.read(
                record.source + "/metrics.jsonl", expected: "metrics of a training run", limit: Self.mostBytes)
            let metrics = try Self.metrics(bytes, path: record.source + "/metrics.jsonl")
            return Self.chart("training loss of \(record.name)", ["loss": metrics.loss])
                + Self.chart("validation MRR of \(record.name), by pair of languages", metrics.validation)
        } catch {
            return ReportText.paragraph("No curves: \(error)")
        }
    }

    private typealias Points = [(step: Double, value: Double)]

    private static func chart(_ title: String, _ curves: [String: Points]) -> String {
        let curves = curves.filter { $0.value.count > 1 }
        guard let longest = curves.map(\.value.count).max() else { return "" }
        let size = (longest + mostPoints - 1) / mostPoints
        let shown = curves.sorted { $0.key < $1.key }.map { name, points in
            LayerChart.Curve(
                name: name,
                points: stride(from: 0, to: points.count, by: size).map { start in
                    let some = points[start..<min(start + size, points.count)]
                    return .init(
                        x: some.reduce(0) { $0 + $1.step } / Double(some.count),
                        score: some.reduce(0) { $0 + $1.value } / Double(some.count), interval: nil)
                })
        }
        return LayerChart(title: size > 1 ? "\(title), means of \(size) steps" : title, curves: shown, unit: "step")
            .html
    }

    /// A last line that a killed run has cut is left out.
    private static func metrics(
        _ bytes: [UInt8], path: String
    ) throws -> (loss: Points, validation: [String: Points]) {
        var loss: Points = [], validation: [String: Points] = [:]
        try bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            while let end = bytes[start...].firstIndex(of: 0x0A) {
                defer { start = end + 1 }
                guard end > start else { continue }
                let line = try JSONReader.read(UnsafeBufferPointer(rebasing: bytes[start..<end]), path: path) {
                    try $0.value()
                }
                guard let step = line["step"]?.double, step.isFinite else { continue }
                if let value = line["loss"]?.double, value.isFinite { loss.append((step, value)) }
                if let pair = line["pair"]?.string, let mrr = line["mrr"]?.double, mrr.isFinite {
                    validation[pair, default: []].append((step, mrr))
                }
            }
        }
        return (loss, validation)
    }
}
