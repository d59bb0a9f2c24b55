import Console
import Files
import Lookup

/// A translation as a table for people and as one JSON object.
struct TranslationReport {
    private let translation: Translation

    init(_ translation: Translation) { self.translation = translation }

    var json: JSONValue {
        .object(
            [
                .init(key: "query", value: .text(translation.query)),
                .init(key: "from", value: translation.from.map(JSONValue.text) ?? .null),
                .init(key: "to", value: .text(translation.to)),
                .init(key: "checkpoint", value: .text(translation.checkpoint)),
                .init(key: "layer", value: .integer(translation.layer.number)),
                .init(key: "stored", value: .boolean(translation.stored)),
                .init(
                    key: "results",
                    value: .array(translation.results.enumerated().map { candidate($1, rank: $0 + 1) })),
                .init(key: "identical", value: .array(translation.identical.map { candidate($0, rank: nil) })),
                .init(key: "scoring", value: .text(translation.scoring.rawValue)),
                .init(key: "matched", value: translation.matched.map(JSONValue.text) ?? .null),
                .init(key: "from_guessed", value: .boolean(translation.fromIsGuessed)),
                .init(
                    key: "alternatives",
                    value: .array(
                        translation.alternatives.map {
                            ["language": .text($0.language), "frequency_rank": .integer($0.frequencyRank)]
                        })),
                .init(key: "layer_reason", value: .text(layerReason)),
                .init(key: "encoded_with", value: translation.encodedWith.map(JSONValue.text) ?? .null),
            ] + thresholdMembers + [
                .init(key: "native", value: .text(translation.native.rawValue)),
                .init(key: "foreign", value: .array(translation.foreign.map(foreign))),
            ])
    }

    /// Only where it was asked: the other answers keep their keys.
    private var thresholdMembers: [JSONValue.Member] {
        guard translation.threshold != nil || translation.nonsense != nil else { return [] }
        return (translation.threshold.map { [.init(key: "threshold", value: .number($0))] } ?? [])
            + [.init(key: "sure", value: .boolean(!translation.isUnsure && !translation.isDoubtful))]
            + (translation.nonsense.map {
                [
                    .init(key: "margin", value: .number($0.margin)),
                    .init(key: "nonsense_margin", value: .number($0.limit)),
                ]
            } ?? [])
    }

    private func foreign(_ foreign: Translation.Foreign) -> JSONValue {
        .object(
            members(of: foreign.candidate) + [.init(key: "language", value: .text(foreign.language))])
    }

    private func candidate(_ candidate: Translation.Candidate, rank: Int?) -> JSONValue {
        .object((rank.map { [.init(key: "rank", value: .integer($0))] } ?? []) + members(of: candidate))
    }

    private func members(of candidate: Translation.Candidate) -> [JSONValue.Member] {
        [
            .init(key: "word", value: .text(candidate.word)), .init(key: "score", value: .number(candidate.score)),
            .init(key: "row", value: .integer(candidate.row)),
            .init(key: "frequency_rank", value: .integer(candidate.frequencyRank)),
        ]
    }

    var table: String {
        var table = ResultTable(columns: [
            .init("rank", .integer), .init("word"),
            .init("score", title: translation.scoring.rawValue, .decimal(places: 4)),
            .init("frequency", title: "frequency rank", .integer),
        ])
        for (index, candidate) in translation.results.enumerated() {
            table.append([
                .integer(index + 1), .text(candidate.word), .number(candidate.score),
                .integer(candidate.frequencyRank),
            ])
        }
        let answer = unsure.map { $0 + "\n" } ?? table.shown
        return heading + "\n\n" + answer + [doubt, identical, foreign].compactMap { $0.map { "\n\($0)\n" } }.joined()
    }

    /// Answers of several checkpoints to one word, side by side; of one checkpoint as it is alone.
    static func table(of translations: [Translation]) -> String {
        let reports = translations.map(TranslationReport.init)
        if reports.count == 1 { return reports[0].table }
        var columns: [ResultTable.Column] = [.init("rank", .integer)]
        for translation in translations {
            columns.append(.init("word", title: translation.checkpoint))
            columns.append(.init("score", title: translation.scoring.rawValue, .decimal(places: 4)))
        }
        var table = ResultTable(columns: columns)
        for index in 0..<(translations.map(\.results.count).max() ?? 0) {
            table.append(
                [.integer(index + 1)]
                    + translations.flatMap { translation -> [JSONValue] in
                        guard index < translation.results.count else { return [.null, .null] }
                        return [.text(translation.results[index].word), .number(translation.results[index].score)]
                    })
        }
        let notes = zip(translations, reports).flatMap { translation, report in
            [report.unsure, report.doubt, report.identical, report.foreign].compactMap {
                $0.map { "\(translation.checkpoint): \($0)\n" }
            }
        }
        return reports.map { $0.heading + "\n" }.joined() + "\n" + table.shown
            + (notes.isEmpty ? "" : "\n" + notes.joined())
    }

    /// A sentence where no candidate reaches the threshold.
    private var unsure: String? {
        guard let threshold = translation.threshold, translation.isUnsure else { return nil }
        let best = translation.below.map {
            "; the best is \(DisplayWidth.printable($0.word)) (\(Quantity.fixed($0.score, places: 4)))"
        }
        return "not sure: no candidate scores \(Quantity.fixed(threshold, places: 4)) or more\(best ?? "")"
    }

    /// A sentence where the best candidate is no better than nonsense's.
    private var doubt: String? {
        guard let nonsense = translation.nonsense, nonsense.isDoubtful else { return nil }
        return
            "not sure: the nearest word is \(Quantity.fixed(nonsense.margin, places: 4)) above the ten behind it, no "
            + "more than nonsense's (\(Quantity.fixed(nonsense.limit, places: 4)))"
    }

    /// A sentence on what was set apart.
    private var identical: String? {
        if translation.identical.isEmpty { return nil }
        let list = translation.identical.map {
            "\(DisplayWidth.printable($0.word)) (\(Quantity.fixed($0.score, places: 4)), "
                + "frequency rank \(Quantity.grouped($0.frequencyRank)))"
        }
        return "spelled like the query, set apart: \(list.joined(separator: ", ")); --keep-identical ranks "
            + (list.count == 1 ? "it" : "them")
    }

    /// A sentence on words of other languages.
    private var foreign: String? {
        if translation.foreign.isEmpty { return nil }
        let shown = translation.foreign.prefix(Self.mostForeign).map {
            "\(DisplayWidth.printable($0.candidate.word)) (\($0.language), "
                + "\(Quantity.fixed($0.candidate.score, places: 4)))"
        }
        let more = translation.foreign.count - shown.count
        return "words of another language, left out: \(shown.joined(separator: ", "))"
            + (more > 0 ? " and \(Quantity.grouped(more)) more" : "") + "; --native off ranks "
            + (translation.foreign.count == 1 ? "it" : "them")
    }

    private static let mostForeign = 10

    private var heading: String {
        let query = DisplayWidth.printable(translation.query)
        var from = translation.from ?? "language unknown"
        if translation.fromIsGuessed {
            from += ", guessed"
            if !translation.alternatives.isEmpty {
                let shown = translation.alternatives.prefix(3).map {
                    "\($0.language) at \(Quantity.grouped($0.frequencyRank))"
                }
                from += "; also in " + shown.joined(separator: ", ")
                let more = translation.alternatives.count - shown.count
                if more > 0 { from += " and \(more) more" }
            }
        }
        var text =
            "\(query) (\(from)) → \(translation.to) · \(translation.checkpoint) · layer \(translation.layer.number) "
            + "(\(layerReason))"
        if let matched = translation.matched, !matched.utf8.elementsEqual(translation.query.utf8) {
            text += "\nstored as '\(DisplayWidth.printable(matched))'"
        }
        if let folder = translation.encodedWith {
            text += "\nnot in the store: encoded now with \(DisplayWidth.printable(folder))"
        }
        return text
    }

    private var layerReason: String {
        switch translation.layer.reason {
        case .asked: return "as asked"
        case .last: return "the last; no evaluation of this checkpoint is stored"
        case .best(let schema, let score, let pairs, let pair, let dataset):
            let measure = ["bli": "MRR", "xlsim": "ρ"][schema.task] ?? schema.headline
            let scope = pairs == 1 ? pair ?? "1 pair" : "\(pairs) pairs"
            return "best \(measure) (\(Quantity.fixed(score, places: 4))) on \(scope) of \(dataset)"
        }
    }
}

/// Translations as tab-separated values, an answer a row. The columns are part of the command contract.
enum TranslationRows {
    private static let columns = [
        "query", "from", "to", "checkpoint", "layer", "rank", "word", "score", "frequency_rank",
    ]

    static var header: String { columns.joined(separator: "\t") + "\n" }

    /// A word without a candidate gets one row with empty cells, so that no word asked for is missing.
    /// - Parameter raw: whether words that a spreadsheet would compute stay as they are.
    static func rows(of translation: Translation, raw: Bool) -> String {
        let query = TabSeparated.cell(translation.query, raw: raw), from = translation.from ?? ""
        let head = "\(query)\t\(from)\t\(translation.to)\t\(translation.checkpoint)\t\(translation.layer.number)"
        if translation.results.isEmpty { return head + "\t\t\t\t\n" }
        return translation.results.enumerated().map { index, candidate in
            "\(head)\t\(index + 1)\t\(TabSeparated.cell(candidate.word, raw: raw))\t"
                + "\(JSONValue.number(candidate.score).line)\t\(candidate.frequencyRank)\n"
        }.joined()
    }
}
