import Console
import Evaluation
import Files
import Store

/// The columns of a task's rows: their names are part of the command contract (docs/query.md).
struct ResultSchema: Sendable {
    enum Value: Sendable {
        case count(String)
        case score(String)
        /// A score that is shown only in CSV and JSON.
        case detail(String)
        case countDetail(String)

        var key: String {
            switch self {
            case .count(let key), .score(let key), .detail(let key), .countDetail(let key): key
            }
        }
    }

    let task: String
    /// Of every scoring the task has.
    let policies: [ResultKey.Policy]
    /// What layers are compared by.
    let headline: String
    let values: [Value]

    static let bli = ResultSchema(
        task: "bli", policies: InductionScoring.all.map(\.policy), headline: "mrr",
        values: [
            .count("queries"), .score("coverage"), .score("mrr"), .score("mrr_all"), .score("p1"), .score("p5"),
            .score("p10"), .count("ties"), .countDetail("rows"), .detail("mrr_ties_won"), .detail("mrr_ties_lost"),
        ])

    static let xlsim = ResultSchema(
        task: "xlsim", policies: [.xlsim], headline: "rho",
        values: [
            .count("pairs"), .score("rho"), .count("omitted"), .countDetail("without_vector"), .countDetail("encoded"),
        ])

    static let tatoeba = ResultSchema(
        task: "tatoeba", policies: RetrievalScoring.allCases.map(\.policy), headline: "accuracy",
        values: [
            .count("sentences"), .score("accuracy"), .score("accuracy_reverse"), .count("omitted"),
        ])

    static let all = [bli, xlsim, tatoeba]

    /// Keys that tell rows apart, in column order.
    static let identity = ["task", "dataset", "pair", "checkpoint", "layer"]

    /// Every row with every value: CSV and JSON.
    func fullTable(_ records: [ResultRecord]) -> ResultTable {
        var table = ResultTable(columns: Self.identity.map { .init($0, $0 == "layer" ? .integer : .text) }
            + values.map(column))
        for record in records { table.append(identity(record) + values.map { cell($0, of: record) }) }
        return table
    }

    /// What a person reads.
    var shownValues: [Value] {
        values.filter {
            switch $0 {
            case .count, .score: true
            case .detail, .countDetail: false
            }
        }
    }

    func column(_ value: Value) -> ResultTable.Column {
        switch value {
        case .count(let key), .countDetail(let key): .init(key, .integer)
        case .score(let key), .detail(let key): .init(key, .decimal(places: 4))
        }
    }

    /// A value that is not there (ρ of a constant list) is null.
    func cell(_ value: Value, of record: ResultRecord) -> JSONValue {
        guard let number = record.values[value.key] else { return .null }
        switch value {
        case .count, .countDetail: return Int(exactly: number).map(JSONValue.integer) ?? .number(number)
        case .score, .detail: return .number(number)
        }
    }

    private func identity(_ record: ResultRecord) -> [JSONValue] {
        [
            .text(record.task), .text(record.dataset), .text(record.pair), .text(record.checkpoint),
            record.mean.map { .text($0) } ?? .integer(record.layer),
        ]
    }
}
