import Console
import Files

/// What `train sample` did: a table of language pairs for people, one JSON object for programs.
struct SampleReport {
    let path: String
    let out: String
    let rows: Int
    let plan: SamplePlan
    /// Rows of every pair that were asked for; nil for a proportional sample.
    let perPair: Int?
    let seed: UInt64
    /// Language pairs shown in the text, most rows first.
    let shownPairs: Int
    let elapsedSeconds: Double

    private var short: [SamplePlan.Quota] {
        guard let perPair else { return [] }
        return plan.quotas.filter { $0.taken < perPair }
    }

    /// Pairs of the table that the proportions leave without a row.
    private var withoutRow: Int { plan.quotas.filter { $0.taken == 0 }.count }

    var text: String {
        var table = ResultTable(columns: [
            .init("pair", title: "language pair"), .init("rows", title: "of", .integer), .init("taken", .integer),
        ])
        let ordered = plan.quotas.sorted {
            ($1.taken, $1.pair.rows, $0.pair.name) < ($0.taken, $0.pair.rows, $1.pair.name)
        }
        for quota in ordered.prefix(shownPairs) {
            table.append([.text(quota.pair.name), .integer(quota.pair.rows), .integer(quota.taken)])
        }
        let rest = ordered.dropFirst(shownPairs)
        if !rest.isEmpty {
            table.append([
                .text("\(Quantity.grouped(rest.count)) more"), .integer(rest.reduce(0) { $0 + $1.pair.rows }),
                .integer(rest.reduce(0) { $0 + $1.taken }),
            ])
        }
        var output = table.shown + "\n"
        if perPair == nil, withoutRow > 0 {
            output += "\(Quantity.grouped(withoutRow)) of \(Quantity.grouped(plan.quotas.count)) language pairs are "
            output += "too rare for a row in a sample of this size\n"
        }
        if let perPair, !short.isEmpty {
            output += "\(Quantity.grouped(short.count)) of \(Quantity.grouped(plan.quotas.count)) language pairs have "
            output += "fewer than \(Quantity.counted(perPair, "constraint")) and gave what they have\n"
        }
        output += "\(out): \(Quantity.grouped(plan.taken)) of \(Quantity.counted(rows, "constraint")), "
        return output + "\(Quantity.grouped(plan.quotas.count)) language pairs, seed \(seed), "
            + Quantity.duration(seconds: elapsedSeconds) + "\n"
    }

    var json: JSONValue {
        [
            "out": .text(out), "path": .text(path), "rows": .integer(rows), "pairs": .integer(plan.taken),
            "per_pair": perPair.map { .integer($0) } ?? .null, "seed": .text(String(seed)),
            "language_pairs": .integer(plan.quotas.count), "without_row": .integer(withoutRow),
            "short": .array(short.map { .text($0.pair.name) }),
            "per_language_pair": .array(
                plan.quotas.map {
                    ["pair": .text($0.pair.name), "of": .integer($0.pair.rows), "pairs": .integer($0.taken)]
                }),
        ]
    }
}
