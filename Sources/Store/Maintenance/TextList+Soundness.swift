extension TextList {
    /// What a list has that is not what was written.
    struct Problem {
        /// Key of the catalogue.
        let place: String
        let expected: String
        let found: String
    }

    /// Row to text and back: that every text leads to its row, that there are no others, and that the list bears the
    /// name of its content.
    /// - Parameters:
    ///   - record: what the catalogue says about the list.
    ///   - report: called with each problem as it is found: those found before an error count, too.
    /// - Throws: `StoreError.damagedCatalogue` where the list cannot be walked, `.changedWhileReading`.
    func findProblems(
        _ record: TextListRecord, _ transaction: borrowing Transaction, report: (Problem) -> Void
    ) throws {
        let name = TextListFingerprint(rows: record.rows)
        let short = fingerprint.short
        var bytes = 0
        var first = 0
        var astray: [Problem] = []
        try forEach(transaction) { row, utf8, rank in
            name.append(utf8, rank: rank)
            bytes += utf8.count
            let found = try self.row(of: utf8, transaction)
            if found == row { first += 1 }
            // A repeated text leads to its first row, which comes before.
            if (found ?? Int.max) > row, astray.count < 10 {
                astray.append(
                    Problem(
                        place: "rows \(short) \(row)", expected: "its text to lead back to it",
                        found: found.map { "row \($0)" } ?? "nothing"))
            }
        }
        astray.forEach(report)
        var keys = 0
        try transaction.forEach(transaction.databases.texts, prefix: CatalogueKey.list(fingerprint)) { _, _ in
            keys += 1
            return true
        }
        if keys != first {
            report(Problem(place: "texts \(short)", expected: "\(first) texts", found: "\(keys)"))
        }
        if bytes != record.bytes {
            report(Problem(place: "rows \(short)", expected: "\(record.bytes) bytes of text", found: "\(bytes)"))
        }
        let content = name.finish()
        if content != fingerprint {
            report(
                Problem(
                    place: "rows \(short)", expected: "texts and ranks of fingerprint \(short)",
                    found: content.short))
        }
    }
}
