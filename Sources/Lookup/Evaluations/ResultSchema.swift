import Evaluation
import Store

/// What a task's results hold: the names of its values are part of the command contract (docs/query.md).
package struct ResultSchema: Sendable {
    package enum Value: Sendable {
        case count(String)
        case score(String)
        /// A score that is shown only in CSV and JSON.
        case detail(String)
        case countDetail(String)

        package var key: String {
            switch self {
            case .count(let key), .score(let key), .detail(let key), .countDetail(let key): key
            }
        }
    }

    package let task: String
    /// Of every scoring the task has.
    package let policies: [ResultKey.Policy]
    /// What layers are compared by.
    package let headline: String
    package let values: [Value]

    package static let bli = ResultSchema(
        task: "bli", policies: InductionScoring.all.map(\.policy), headline: "mrr",
        values: [
            .count("queries"), .score("coverage"), .score("mrr"), .score("mrr_all"), .score("p1"), .score("p5"),
            .score("p10"), .count("ties"), .countDetail("rows"), .detail("mrr_ties_won"), .detail("mrr_ties_lost"),
        ])

    package static let xlsim = ResultSchema(
        task: "xlsim", policies: [.xlsim], headline: "rho",
        values: [
            .count("pairs"), .score("rho"), .count("omitted"), .countDetail("without_vector"), .countDetail("encoded"),
        ])

    package static let tatoeba = ResultSchema(
        task: "tatoeba", policies: RetrievalScoring.allCases.map(\.policy), headline: "accuracy",
        values: [
            .count("sentences"), .score("accuracy"), .score("accuracy_reverse"), .count("omitted"), .score("f1"),
            .score("f1_reverse"), .detail("precision"), .detail("precision_reverse"), .detail("recall"),
            .detail("recall_reverse"),
        ])

    package static let hubs = ResultSchema(
        task: "hubs", policies: [false, true].map { HubnessScope(isScaled: $0).policy }, headline: "skewness",
        values: [
            .count("queries"), .count("candidates"), .countDetail("k"), .score("skewness"), .score("anti_hubs"),
            .count("largest"),
        ])

    /// Whose headline is a score: more is better, and the best layer is told by it.
    package static let scored = [bli, xlsim, tatoeba]
    package static let all = scored + [hubs]

    /// What a score is over: the count that stands first.
    package var queriesKey: String { values[0].key }

    /// Values today's evaluation gives and a result kept by an earlier version lacks; a ρ that does not exist (of a
    /// constant list) is not missing.
    package func missing(in record: ResultRecord) -> [String] {
        values.map(\.key).filter { record.values[$0] == nil && !(task == Self.xlsim.task && $0 == headline) }
    }
}
