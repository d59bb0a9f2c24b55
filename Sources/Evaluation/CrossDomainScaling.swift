/// Cross-domain similarity local scaling: 2 cos(x, y) − r(x) − r(y), where r is the mean cosine with the k nearest
/// neighbours in the other language. It lowers hubs, words that are near to everything.
/// - Source: Conneau et al. 2018, "Word Translation Without Parallel Data", §2.3, k = 10.
package enum CrossDomainScaling {
    package static let neighbours = 10
    /// Rows of a vocabulary that meet the other one at a time.
    static let pieceRows = 8192

    /// - Parameters:
    ///   - sourceMean: r(x), mean cosine of the query with its nearest targets.
    ///   - targetMean: r(y), mean cosine of the candidate with its nearest sources.
    package static func score(cosine: Double, sourceMean: Double, targetMean: Double) -> Double {
        2 * cosine - sourceMean - targetMean
    }

    /// What is subtracted from each candidate's cosine so that the candidates of a query stand in CSLS's order: r(y) /
    /// 2. r(x) is the same for all candidates of a query.
    /// - Parameters: targets [N, C], sources [M, C]: the whole vocabularies.
    /// - Returns: [N]
    package static func penalties(targets: VectorMatrix, sources: some VectorRows, threads: Int) throws -> [Float] {
        try NearestRows.neighbourhoodMeans(neighbours, queries: targets, candidates: sources, threads: threads).map {
            $0 / 2
        }
    }

    /// r of every row, its mean cosine with its nearest among the others; the rows are read in pieces.
    /// - Parameter progress: told how many rows are done; an error it throws ends the work.
    package static func neighbourhoodMeans(
        of rows: some VectorRows, among others: some VectorRows, threads: Int, progress: (Int) throws -> Void
    ) throws -> [Float] {
        var means: [Float] = []
        for piece in (0..<rows.rowCount).pieces(of: pieceRows) {
            means += try NearestRows.neighbourhoodMeans(
                neighbours, queries: VectorMatrix(piece, of: rows), candidates: others, threads: threads)
            try progress(piece.count)
        }
        return means
    }
}
