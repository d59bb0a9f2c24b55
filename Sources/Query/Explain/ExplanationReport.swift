import Console
import Files
import Lookup

/// An explanation as text for people and as one JSON object.
struct ExplanationReport {
    private let explanation: RankExplanation

    init(_ explanation: RankExplanation) { self.explanation = explanation }

    // MARK: For people

    var text: String {
        let explanation = self.explanation
        var text =
            "\(heading(explanation.query, notes: queryNotes)) → \(heading(explanation.gold, notes: goldNotes)) · "
            + "\(explanation.checkpoint) · \(Quantity.counted(explanation.candidates, "candidate"))\n"
        if explanation.gold.matched == nil {
            text +=
                "the gold is not among the stored words, so it has no rank: `query bli` leaves such rows out, and "
                + "coverage counts them\n"
        }
        if let folder = explanation.encodedWith {
            text += "\(printable(explanation.query.text)) is not stored: encoded now with \(printable(folder))\n"
        }
        text += "pieces: \(pieces)\nconstraints: \(constraints)\nhubs: \(hubs)\n\n"
        return text + table.shown
    }

    private var isCounted: Bool { if case .counted = explanation.hubs { true } else { false } }

    private var table: ResultTable {
        var columns: [ResultTable.Column] = [
            .init("layer", .integer), .init("rank", .integer), .init("cosine", .decimal(places: 4)),
            .init("ties", .integer),
        ]
        if isCounted { columns.append(.init("occurrences", title: "neighbour of", .integer)) }
        columns += [
            .init("before", title: explanation.gold.matched == nil ? "first words" : "before it"),
            .init("own", title: explanation.query.language.map { "nearest in \($0)" } ?? "nearest in its own language"),
        ]
        var table = ResultTable(columns: columns)
        for layer in explanation.layers {
            var row: [JSONValue] = [
                layer.mean.map { .text($0) } ?? .integer(layer.layer), integer(layer.gold?.rank),
                layer.gold.map { .number($0.score) } ?? .null, integer(layer.gold?.ties),
            ]
            if isCounted { row.append(integer(layer.gold?.occurrences)) }
            table.append(
                row + [
                    .text(list(layer.before, of: layer.gold.map { $0.rank - 1 })), .text(list(layer.own, of: nil)),
                ])
        }
        return table
    }

    /// Words, with how many have them among their nearest where that is known.
    /// - Parameter count: how many there are in all; nil where that is no matter.
    private func list(_ neighbours: [RankExplanation.Neighbour], of count: Int?) -> String {
        let words = neighbours.map { neighbour in
            neighbour.word + (neighbour.occurrences.map { " (\(Quantity.grouped($0)))" } ?? "")
        }.joined(separator: ", ")
        let more = (count ?? 0) - neighbours.count
        return more > 0 ? "\(words) and \(Quantity.grouped(more)) more" : words
    }

    private func heading(_ word: RankExplanation.Word, notes: [String]) -> String {
        "\(printable(word.text)) (\(notes.joined(separator: "; ")))"
    }

    private var queryNotes: [String] {
        let query = explanation.query
        var notes = [(query.language ?? "language unknown") + (explanation.fromIsGuessed ? ", guessed" : "")]
        notes += frequency(query)
        if !explanation.alternatives.isEmpty {
            let shown = explanation.alternatives.prefix(3).map {
                "\($0.language) at \(Quantity.grouped($0.frequencyRank))"
            }
            let more = explanation.alternatives.count - shown.count
            notes.append("also in \(shown.joined(separator: ", "))" + (more > 0 ? " and \(more) more" : ""))
        }
        return notes
    }

    private var goldNotes: [String] { [explanation.gold.language ?? ""] + frequency(explanation.gold) }

    private func frequency(_ word: RankExplanation.Word) -> [String] {
        guard let rank = word.frequencyRank, let matched = word.matched else { return ["not stored"] }
        let spelling = matched.utf8.elementsEqual(word.text.utf8) ? "" : ", stored as '\(printable(matched))'"
        return ["frequency rank \(Quantity.grouped(rank))\(spelling)"]
    }

    private var pieces: String {
        switch explanation.pieces {
        case .unknown(let reason): "not known: \(printable(reason))"
        case .known(let query, let gold):
            "\(printable(explanation.query.text)) = \(spelled(query)); "
                + "\(printable(explanation.gold.text)) = \(spelled(gold))"
        }
    }

    private func spelled(_ pieces: [String]) -> String {
        pieces.isEmpty ? "nothing" : pieces.map(printable).joined(separator: " ")
    }

    private var constraints: String {
        switch explanation.constraints {
        case .unknown(let reason): return "not known: \(printable(reason))"
        case .known(let tables):
            return tables.map { table in
                "\(printable(explanation.query.text)) in \(Quantity.grouped(table.queryRows)), "
                    + "\(printable(explanation.gold.text)) in \(Quantity.grouped(table.goldRows)), both in "
                    + "\(Quantity.grouped(table.bothRows)) of \(Quantity.counted(table.rows, "row")) of "
                    + printable(table.path)
                    + (table.leftOut > 0
                        ? " (training left \(Quantity.counted(table.leftOut, "row")) out, its record says not which)"
                        : "")
            }.joined(separator: "; ")
        }
    }

    private var hubs: String {
        switch explanation.hubs {
        case .unknown(let reason): return "not known: \(printable(reason))"
        case .counted(let k, let queries, let candidates):
            let (source, target) = (explanation.query.language ?? "", explanation.gold.language ?? "")
            return "'neighbour of', and numbers behind words: how many of \(Quantity.counted(queries, "word")) in "
                + "\(source) have it among their \(k) nearest of \(Quantity.grouped(candidates)) in \(target)"
        }
    }

    private func printable(_ text: String) -> String { DisplayWidth.printable(text) }

    // MARK: For programs

    var json: JSONValue {
        let explanation = self.explanation
        var known: (query: JSONValue, gold: JSONValue, reason: JSONValue)
        switch explanation.pieces {
        case .known(let query, let gold):
            known = (.array(query.map { .text($0) }), .array(gold.map { .text($0) }), .null)
        case .unknown(let reason): known = (.null, .null, .text(reason))
        }
        return [
            "query": .text(explanation.query.text), "from": text(explanation.query.language),
            "from_guessed": .boolean(explanation.fromIsGuessed),
            "alternatives": .array(
                explanation.alternatives.map {
                    ["language": .text($0.language), "frequency_rank": .integer($0.frequencyRank)]
                }),
            "to": text(explanation.gold.language), "gold": .text(explanation.gold.text),
            "checkpoint": .text(explanation.checkpoint), "candidates": .integer(explanation.candidates),
            "matched": text(explanation.query.matched), "frequency_rank": integer(explanation.query.frequencyRank),
            "gold_matched": text(explanation.gold.matched),
            "gold_frequency_rank": integer(explanation.gold.frequencyRank),
            "encoded_with": text(explanation.encodedWith), "pieces": known.query, "gold_pieces": known.gold,
            "pieces_unknown": known.reason, "constraints": constraintsJSON.tables,
            "constraints_unknown": constraintsJSON.reason, "layers": .array(explanation.layers.map(json)),
            "hubs": hubsJSON.scope, "hubs_unknown": hubsJSON.reason,
        ]
    }

    private var constraintsJSON: (tables: JSONValue, reason: JSONValue) {
        switch explanation.constraints {
        case .unknown(let reason): return (.null, .text(reason))
        case .known(let tables):
            let rows = tables.map { table -> JSONValue in
                [
                    "path": .text(table.path), "rows": .integer(table.rows), "left_out": .integer(table.leftOut),
                    "query_rows": .integer(table.queryRows), "gold_rows": .integer(table.goldRows),
                    "both_rows": .integer(table.bothRows),
                ]
            }
            return (.array(rows), .null)
        }
    }

    private var hubsJSON: (scope: JSONValue, reason: JSONValue) {
        switch explanation.hubs {
        case .unknown(let reason): (.null, .text(reason))
        case .counted(let k, let queries, let candidates):
            (["k": .integer(k), "queries": .integer(queries), "candidates": .integer(candidates)], .null)
        }
    }

    private func json(_ layer: RankExplanation.Layer) -> JSONValue {
        [
            "layer": layer.mean.map { .text($0) } ?? .integer(layer.layer), "rank": integer(layer.gold?.rank),
            "score": layer.gold.map { .number($0.score) } ?? .null, "ties": integer(layer.gold?.ties),
            "before": .array(
                layer.before.map { neighbour in
                    .object(members(neighbour) + [.init(key: "occurrences", value: integer(neighbour.occurrences))])
                }),
            "own_language": .array(layer.own.map { .object(members($0)) }),
            "gold_occurrences": integer(layer.gold?.occurrences),
        ]
    }

    private func members(_ neighbour: RankExplanation.Neighbour) -> [JSONValue.Member] {
        [
            .init(key: "word", value: .text(neighbour.word)), .init(key: "score", value: .number(neighbour.score)),
            .init(key: "frequency_rank", value: .integer(neighbour.frequencyRank)),
        ]
    }

    private func text(_ value: String?) -> JSONValue { value.map { .text($0) } ?? .null }
    private func integer(_ value: Int?) -> JSONValue { value.map { .integer($0) } ?? .null }
}
