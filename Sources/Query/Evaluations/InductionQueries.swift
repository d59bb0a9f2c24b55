import Evaluation

/// The queries of several dictionaries into one language, with repeated source words and repeated (query, gold) pairs
/// made one. The same for every layer, so made once.
final class InductionQueries {
    /// Source collections, each with a cell that has it and the rows that are queries, ascending; queries are numbered
    /// through in this order.
    let sources: [(cell: Int, rows: [Int])]
    let requests: [RankCounter.Request]
    /// For every cell and dictionary row, the request that answers it; nil for a row that is not ranked.
    let places: [[Int?]]

    /// - Parameter lookups: one per cell.
    init(_ lookups: [DictionaryLookup]) throws {
        var firstCell: [Int] = []
        var sourceOf: [String: Int] = [:]
        let cellSource = lookups.enumerated().map { cell, lookup -> Int in
            if let known = sourceOf[lookup.source.collection] { return known }
            sourceOf[lookup.source.collection] = firstCell.count
            firstCell.append(cell)
            return firstCell.count - 1
        }
        let matches = try lookups.map { try $0.matches() }
        var rows = [Set<Int>](repeating: [], count: firstCell.count)
        for (cell, found) in matches.enumerated() {
            for case let match? in found { rows[cellSource[cell]].insert(match.source) }
        }
        let sortedRows = rows.map { $0.sorted() }
        var number: [[Int: Int]] = []
        var count = 0
        for list in sortedRows {
            let first = count
            number.append(Dictionary(uniqueKeysWithValues: list.enumerated().map { ($1, first + $0) }))
            count += list.count
        }
        var requests: [RankCounter.Request] = []
        var placeOf: [RankCounter.Request: Int] = [:]
        places = matches.enumerated().map { cell, found in
            found.map { match in
                guard let match, let query = number[cellSource[cell]][match.source] else { return nil }
                let request = RankCounter.Request(query: query, gold: match.target)
                if let known = placeOf[request] { return known }
                placeOf[request] = requests.count
                requests.append(request)
                return requests.count - 1
            }
        }
        self.requests = requests
        sources = Array(zip(firstCell, sortedRows)).map { (cell: $0, rows: $1) }
    }

    var queryCount: Int { sources.reduce(0) { $0 + $1.rows.count } }
}
