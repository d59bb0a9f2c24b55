import Console
import Files
import Lexicon

/// What `train stats` found: tables for people, one JSON object for programs.
struct StatsReport {
    let path: String
    let format: ConstraintFormat
    let statistics: ConstraintStatistics
    let examples: [(row: Int, constraint: Constraint)]
    /// Language pairs shown in the text, most frequent first; the JSON has all.
    let shownPairs: Int
    let elapsedSeconds: Double

    /// Columns of a terminal that a gloss may fill.
    private static let glossColumns = 100

    var text: String {
        var output = totals
        output += "\n" + languages
        if shownPairs > 0 { output += "\n" + pairs }
        if !statistics.glossLanguages.isEmpty { output += "\n" + glossLanguages }
        for example in examples { output += "\n" + Self.text(of: example.constraint, row: example.row) }
        return output + "\n\(path): \(Quantity.counted(statistics.rows, "constraint")) read in "
            + Quantity.duration(seconds: elapsedSeconds) + "\n"
    }

    private var totals: String {
        var table = ResultTable(columns: [.init("count", .integer), .init("what")])
        table.append([.integer(statistics.rows), .text("constraints")])
        table.append([
            .integer(statistics.monolingualRows),
            .text("of these in one language (\(Self.percent(statistics.monolingualShare)))"),
        ])
        table.append([.integer(statistics.languages.count), .text("languages")])
        table.append([
            .integer(statistics.pairs.count),
            .text(
                "language pairs of \(Quantity.grouped(statistics.possiblePairs)) possible, "
                    + "a language with itself included"),
        ])
        table.append([.integer(statistics.words), .text("distinct words")])
        table.append([.integer(statistics.synsets), .text("synsets")])
        table.append([.integer(statistics.rowsWithoutGloss), .text("constraints without any gloss")])
        guard let least = statistics.wordsPerSynset.first, let most = statistics.wordsPerSynset.last else {
            return table.shown
        }
        return table.shown + "\nwords per synset: mean "
            + Quantity.fixed(statistics.meanWordsPerSynset, places: 1) + ", median "
            + Quantity.fixed(statistics.medianWordsPerSynset, places: 1)
            + ", least \(Quantity.grouped(least)), most \(Quantity.grouped(most))\n"
    }

    private var languages: String {
        var table = ResultTable(columns: [
            .init("language"), .init("pairs", title: "constraints", .integer),
            .init("share", title: "share %", .decimal(places: 1)), .init("monolingual", .integer),
            .init("words", .integer),
        ])
        for language in statistics.languages {
            table.append([
                .text(language.code), .integer(language.rows),
                .number(Self.share(language.rows, statistics.rows) * 100), .integer(language.monolingualRows),
                .integer(language.words),
            ])
        }
        return table.shown
    }

    private var pairs: String {
        let ordered = statistics.pairs.sorted { ($1.rows, $0.name) < ($0.rows, $1.name) }
        var table = ResultTable(columns: [
            .init("pair", title: "language pair"), .init("pairs", title: "constraints", .integer),
            .init("share", title: "share %", .decimal(places: 2)),
        ])
        for pair in ordered.prefix(shownPairs) {
            table.append([
                .text(pair.name), .integer(pair.rows), .number(Self.share(pair.rows, statistics.rows) * 100),
            ])
        }
        let rest = ordered.dropFirst(shownPairs)
        if !rest.isEmpty {
            let rows = rest.reduce(0) { $0 + $1.rows }
            table.append([
                .text("\(Quantity.grouped(rest.count)) more"), .integer(rows),
                .number(Self.share(rows, statistics.rows) * 100),
            ])
        }
        return table.shown
    }

    private var glossLanguages: String {
        var table = ResultTable(columns: [
            .init("gloss_language", title: "gloss language"), .init("gloss1", title: "first gloss", .integer),
            .init("gloss2", title: "second gloss", .integer),
        ])
        for gloss in statistics.glossLanguages {
            table.append([
                .text(gloss.code.isEmpty ? "not told" : gloss.code), .integer(gloss.first), .integer(gloss.second),
            ])
        }
        return table.shown
    }

    /// As a row of the paper's Table 3: the words with their languages, the synset, the glosses with theirs.
    private static func text(of constraint: Constraint, row: Int) -> String {
        let printable = DisplayWidth.printable
        var output = "\(printable(constraint.firstWord)) [\(constraint.firstLanguage)]  "
        output += "\(printable(constraint.secondWord)) [\(constraint.secondLanguage)]  "
        output += "\(printable(constraint.synset))  row \(Quantity.grouped(row))\n"
        for (gloss, language) in [
            (constraint.firstGloss, constraint.firstGlossLanguage),
            (constraint.secondGloss, constraint.secondGlossLanguage),
        ] where !gloss.isEmpty {
            output += "    \(shortened(printable(gloss)))\(language.isEmpty ? "" : " [\(printable(language))]")\n"
        }
        return output
    }

    private static func shortened(_ text: String) -> String {
        guard DisplayWidth.of(text) > glossColumns else { return text }
        var output = ""
        var columns = 0
        for character in text {
            columns += DisplayWidth.of(String(character))
            if columns > glossColumns - 6 { break }
            output.append(character)
        }
        return output + " [...]"
    }

    private static func share(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }

    private static func percent(_ share: Double) -> String { Quantity.fixed(share * 100, places: 1) + " %" }

    var json: JSONValue {
        let least: JSONValue = statistics.wordsPerSynset.first.map { .integer($0) } ?? .null
        let most: JSONValue = statistics.wordsPerSynset.last.map { .integer($0) } ?? .null
        return [
            "path": .text(path), "format": .text(format.rawValue), "pairs": .integer(statistics.rows),
            "monolingual": .integer(statistics.monolingualRows),
            "monolingual_share": .number(statistics.monolingualShare),
            "languages": .integer(statistics.languages.count), "language_pairs": .integer(statistics.pairs.count),
            "words": .integer(statistics.words), "synsets": .integer(statistics.synsets),
            "words_per_synset": [
                "mean": .number(statistics.meanWordsPerSynset), "median": .number(statistics.medianWordsPerSynset),
                "least": least, "most": most,
            ],
            "without_gloss": .integer(statistics.rowsWithoutGloss),
            "per_language": .array(
                statistics.languages.map {
                    [
                        "language": .text($0.code), "pairs": .integer($0.rows),
                        "monolingual": .integer($0.monolingualRows), "words": .integer($0.words),
                    ]
                }),
            "per_language_pair": .array(
                statistics.pairs.map {
                    [
                        "pair": .text($0.name), "pairs": .integer($0.rows),
                        "share": .number(Self.share($0.rows, statistics.rows)),
                    ]
                }),
            "gloss_languages": .array(
                statistics.glossLanguages.map {
                    [
                        "language": $0.code.isEmpty ? .null : .text($0.code), "gloss1": .integer($0.first),
                        "gloss2": .integer($0.second),
                    ]
                }),
            "examples": .array(examples.map { Self.json(of: $0.constraint, row: $0.row) }),
        ]
    }

    private static func json(of row: Constraint, row number: Int) -> JSONValue {
        [
            "row": .integer(number), "lang1": .text(row.firstLanguage), "word1": .text(row.firstWord),
            "lang2": .text(row.secondLanguage), "word2": .text(row.secondWord),
            "gloss1_lang": .text(row.firstGlossLanguage), "gloss1": .text(row.firstGloss),
            "gloss2_lang": .text(row.secondGlossLanguage), "gloss2": .text(row.secondGloss),
            "synset_id": .text(row.synset),
        ]
    }
}
