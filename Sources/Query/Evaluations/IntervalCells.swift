import Console
import Evaluation
import Files

/// Intervals in tables: one cell for people, two columns for programs.
extension ConfidenceInterval {
    /// "0.1771–0.1873"
    var text: String { "\(Quantity.fixed(lower, places: 4))–\(Quantity.fixed(upper, places: 4))" }

    static func cell(_ interval: ConfidenceInterval?) -> JSONValue { interval.map { .text($0.text) } ?? .null }

    /// Columns of a score's bounds: mrr_lower and mrr_upper.
    /// - Parameter level: what tells the intervals of one mean apart.
    static func columns(_ score: String, level: String = "") -> [ResultTable.Column] {
        ["lower", "upper"].map { .init("\(score)_\($0)\(level)", .decimal(places: 4)) }
    }

    static func bounds(_ interval: ConfidenceInterval?) -> [JSONValue] {
        interval.map { [.number($0.lower), .number($0.upper)] } ?? [.null, .null]
    }
}
