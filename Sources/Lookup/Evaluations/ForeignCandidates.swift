import Store

/// The words of other languages in target vocabularies that `query bli --native` sets behind all other candidates;
/// found once for each pair of vocabularies.
final class ForeignCandidates {
    /// Subtracted from a foreign candidate's score. Scores lie between -1.5 and 1.5 (a cosine less half of another), so
    /// whatever is foreign then stands behind whatever is not.
    private static let penalty: Float = 4

    private let native: NativeCandidates
    private var known: [String: [Int]] = [:]

    init(_ native: NativeCandidates) { self.native = native }

    /// - Returns: rows of the target vocabulary, ascending; nil where none are asked for.
    func rows(
        into target: CollectionRecord, from source: CollectionRecord, of checkpoint: StoredCheckpoint
    ) throws -> [Int]? {
        if native == .off { return nil }
        let key = "\(checkpoint.name) \(target.collection) \(native == .own ? source.collection : "")"
        if let rows = known[key] { return rows }
        let words = ForeignWords(in: target, of: checkpoint, from: native == .own ? [source] : nil)
        let texts = checkpoint.texts(of: target)
        let rows = try (0..<target.rows).filter { row in
            let entry = try texts.entry(at: row)
            return try words.language(ofRow: row, word: entry.text, frequencyRank: Int(entry.rank)) != nil
        }
        known[key] = rows
        return rows
    }

    /// What is subtracted from candidates' scores, with foreign ones' share.
    /// - Parameter others: what else is subtracted from each; nil for nothing.
    func penalties(
        _ others: [Float]?, into target: CollectionRecord, from source: CollectionRecord,
        of checkpoint: StoredCheckpoint
    ) throws -> [Float]? {
        guard let rows = try rows(into: target, from: source, of: checkpoint) else { return others }
        var all = others ?? [Float](repeating: 0, count: target.rows)
        for row in rows { all[row] += Self.penalty }
        return all
    }

    /// Vocabularies that decide beside the pair's own which candidates are foreign, by name.
    func others(
        into target: CollectionRecord, from source: CollectionRecord, of checkpoint: StoredCheckpoint
    ) -> [CollectionRecord] {
        guard native == .any else { return [] }
        return checkpoint.collections.filter {
            $0.wordLanguage != nil && ![target.collection, source.collection].contains($0.collection)
        }.sorted { $0.collection < $1.collection }
    }
}
