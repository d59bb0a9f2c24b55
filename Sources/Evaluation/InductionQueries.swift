/// The queries of several dictionaries into one language, with repeated source words and repeated (query, gold) pairs
/// made one. The same for every layer and every state of a model, so made once.
package struct InductionQueries: Sendable {
    /// Rows of a dictionary row's two words in the source and the target vocabulary.
    package struct Match: Hashable, Sendable {
        package let source: Int
        package let target: Int

        package init(source: Int, target: Int) {
            self.source = source
            self.target = target
        }
    }

    /// Source vocabularies, each with a cell that has it and the rows that are queries, ascending; queries are numbered
    /// through in this order.
    package let sources: [(cell: Int, rows: [Int])]
    package let requests: [RankCounter.Request]
    /// For every cell and dictionary row, the request that answers it; nil for a row that is not ranked.
    package let rowRequests: [[Int?]]

    /// - Parameter cells: one per dictionary: the name of its source vocabulary, and its matches, one per dictionary
    ///   row (nil when a word is in no vocabulary).
    package init(_ cells: [(source: String, matches: [Match?])]) {
        var firstCell: [Int] = []
        var sourceOf: [String: Int] = [:]
        let cellSource = cells.enumerated().map { index, cell -> Int in
            if let known = sourceOf[cell.source] { return known }
            sourceOf[cell.source] = firstCell.count
            firstCell.append(index)
            return firstCell.count - 1
        }
        var rows = [Set<Int>](repeating: [], count: firstCell.count)
        for (index, cell) in cells.enumerated() {
            for case let match? in cell.matches { rows[cellSource[index]].insert(match.source) }
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
        var numberOf: [RankCounter.Request: Int] = [:]
        rowRequests = cells.enumerated().map { index, cell in
            cell.matches.map { match in
                guard let match, let query = number[cellSource[index]][match.source] else { return nil }
                let request = RankCounter.Request(query: query, gold: match.target)
                if let known = numberOf[request] { return known }
                numberOf[request] = requests.count
                requests.append(request)
                return requests.count - 1
            }
        }
        self.requests = requests
        sources = Array(zip(firstCell, sortedRows)).map { (cell: $0, rows: $1) }
    }

    package var queryCount: Int { sources.reduce(0) { $0 + $1.rows.count } }
}
