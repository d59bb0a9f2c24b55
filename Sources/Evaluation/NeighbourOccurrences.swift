/// N_k of two vocabularies: how often each candidate is among the k nearest of all queries.
///
/// Both are read in pieces; in memory are one piece, its neighbours, and a few numbers for each candidate.
/// - Source: Radovanović et al. 2010, "Hubs in Space: Popular Nearest Neighbors in High-Dimensional Data", §2.
package struct NeighbourOccurrences: Hashable, Sendable {
    /// One for each candidate row.
    package let counts: [Int]

    package init(counts: [Int]) {
        precondition(counts.allSatisfy { $0 >= 0 })
        self.counts = counts
    }

    /// Work: 2 · Q · N · C operations, and as many again for CSLS.
    /// - Parameters:
    ///   - k: neighbours of a query; all candidates where there are fewer. Of equal scores the smaller rows are nearer.
    ///   - queries: [Q, C]
    ///   - candidates: [N, C]
    ///   - isScaled: CSLS instead of the cosine; neighbourhoods are those of the rows given.
    ///   - progress: told how many queries (for CSLS candidates, too) are done; an error it throws ends the work.
    /// - Throws: `EvaluationError`, what reading throws.
    package init(
        _ k: Int, queries: some VectorRows, candidates: some VectorRows, isScaled: Bool, threads: Int,
        progress: (Int) throws -> Void = { _ in }
    ) throws {
        precondition(k >= 1)
        var counts = [Int](repeating: 0, count: candidates.rowCount)
        if queries.rowCount > 0, candidates.rowCount > 0 {
            // r of the query is the same for all its candidates, so half of theirs decides.
            let penalties =
                isScaled
                ? try CrossDomainScaling.neighbourhoodMeans(
                    of: candidates, among: queries, threads: threads, progress: progress
                ).map { $0 / 2 } : nil
            for rows in (0..<queries.rowCount).pieces(of: CrossDomainScaling.pieceRows) {
                let found = try NearestRows.top(
                    k, queries: VectorMatrix(rows, of: queries), candidates: candidates, penalties: penalties,
                    threads: threads)
                for matches in found {
                    for match in matches { counts[match.row] += 1 }
                }
                try progress(rows.count)
            }
        }
        self.counts = counts
    }

    /// LEB128 numbers: how many candidates, then how often each occurs. Hardly more than a byte each.
    package var encoded: [UInt8] {
        var writer = CompactNumbers()
        writer.append(counts.count)
        for count in counts { writer.append(count) }
        return writer.bytes
    }

    /// - Throws: `EvaluationError.damagedOutcomes`.
    package init(decoding bytes: inout ArraySlice<UInt8>) throws {
        let count = try CompactNumbers.next(&bytes)
        // Each takes a byte at least: what is not there takes no memory.
        guard count <= bytes.count else {
            throw EvaluationError.damagedOutcomes("\(count) occurrences in \(bytes.count) bytes")
        }
        counts = try (0..<count).map { _ in try CompactNumbers.next(&bytes) }
    }
}
