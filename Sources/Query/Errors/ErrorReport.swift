import Console
import Files
import Lookup
import Store

/// Wrong answers by kind: a table with examples for people, rows for programs.
struct ErrorReport {
    private let found: [WrongAnswers]
    private let examples: Int

    /// - Parameter found: results at one layer of each checkpoint and data set, sorted.
    init(_ found: [WrongAnswers], examples: Int) {
        self.found = found
        self.examples = examples
    }

    private static func title(_ kind: WrongAnswerKind) -> String {
        kind.rawValue.replacing("_", with: " ")
    }

    // MARK: For people

    var text: String {
        var groups: [[WrongAnswers]] = []
        for result in found {
            if let last = groups.last?.first?.record, last.checkpoint == result.record.checkpoint,
                last.dataset == result.record.dataset
            {
                groups[groups.count - 1].append(result)
            } else {
                groups.append([result])
            }
        }
        return groups.map(text).joined(separator: "\n")
    }

    private func text(_ group: [WrongAnswers]) -> String {
        guard let record = group.first?.record else { return "" }
        var table = ResultTable(
            columns: [.init("pair"), .init("queries", .integer), .init("right", .integer), .init("wrong", .integer)]
                + WrongAnswerKind.allCases.map { .init($0.rawValue, title: Self.title($0), .integer) })
        func append(_ name: String, _ results: [WrongAnswers]) {
            func sum(_ count: (WrongAnswers) -> Int) -> JSONValue { .integer(results.reduce(0) { $0 + count($1) }) }
            table.append(
                [.text(name), sum(\.queries), sum(\.right), sum(\.answers.count)]
                    + WrongAnswerKind.allCases.map { kind in sum { $0.count(kind) } })
        }
        for result in group { append(result.record.pair, [result]) }
        if group.count > 1 { append("all \(group.count) pairs", group) }
        var text =
            "errors · \(record.checkpoint) · \(DisplayWidth.printable(record.dataset)) · layer \(record.layerName)\n\n"
            + table.shown
        for kind in WrongAnswerKind.allCases {
            let shown = group.flatMap { result in
                result.answers.filter { $0.kind == kind }.map { (pair: result.record.pair, answer: $0) }
            }.prefix(examples)
            if shown.isEmpty { continue }
            text += "\n\(Self.title(kind)):\n"
            for (pair, answer) in shown {
                let language = answer.language.map { " (\($0))" } ?? ""
                text +=
                    "  \(pair)  \(DisplayWidth.printable(answer.query.text)) → "
                    + "\(DisplayWidth.printable(answer.first.text))\(language); gold "
                    + "\(DisplayWidth.printable(answer.gold.text)) at \(Quantity.grouped(answer.rank))\n"
            }
        }
        return text
    }

    // MARK: For programs

    /// An object for each pair.
    var jsonLines: String {
        found.map { result -> String in
            let record = result.record
            var members: [JSONValue.Member] = [
                .init(key: "task", value: "errors"), .init(key: "dataset", value: .text(record.dataset)),
                .init(key: "pair", value: .text(record.pair)),
                .init(key: "checkpoint", value: .text(record.checkpoint)),
                .init(key: "layer", value: record.mean.map { .text($0) } ?? .integer(record.layer)),
                .init(key: "queries", value: .integer(result.queries)),
                .init(key: "right", value: .integer(result.right)),
                .init(key: "wrong", value: .integer(result.answers.count)),
            ]
            members += WrongAnswerKind.allCases.map {
                .init(key: $0.rawValue, value: .integer(result.count($0)))
            }
            let shown = WrongAnswerKind.allCases.flatMap { kind in
                result.answers.filter { $0.kind == kind }.prefix(examples).map(Self.json)
            }
            members.append(.init(key: "examples", value: .array(shown)))
            return JSONValue.object(members).line + "\n"
        }.joined()
    }

    private static func json(_ answer: WrongAnswers.Answer) -> JSONValue {
        [
            "kind": .text(answer.kind.rawValue), "row": .integer(answer.position), "query": .text(answer.query.text),
            "gold": .text(answer.gold.text), "rank": .integer(answer.rank), "first": .text(answer.first.text),
            "language": answer.language.map { .text($0) } ?? .null,
        ]
    }

    /// Every wrong answer, tab-separated; the columns are part of the command contract.
    func table(raw: Bool) -> String {
        var text = TabSeparated.line(
            [
                "dataset", "pair", "checkpoint", "layer", "row", "kind", "query", "gold", "rank", "first", "language",
                "query_frequency_rank", "gold_frequency_rank", "first_frequency_rank",
            ], raw: true)
        for result in found {
            let record = result.record
            for answer in result.answers {
                text += TabSeparated.line(
                    [
                        record.dataset, record.pair, record.checkpoint, record.layerName, "\(answer.position)",
                        answer.kind.rawValue, answer.query.text, answer.gold.text, "\(answer.rank)",
                        answer.first.text, answer.language ?? "", "\(answer.query.frequencyRank)",
                        "\(answer.gold.frequencyRank)", "\(answer.first.frequencyRank)",
                    ], raw: raw)
            }
        }
        return text
    }
}
