/// A bilingual dictionary from vectors alone: of two whole vocabularies the pairs of words that are each other's
/// nearest neighbours, or every source word with its nearest target.
///
/// Both vocabularies are read in pieces, several times; in memory are one piece and a few numbers for each word.
/// - Source: Conneau et al. 2018, "Word Translation Without Parallel Data", §2.2–2.3 (mutual nearest neighbours, CSLS);
///   MUSE, `src/dico_builder.py`; VecMap (Artetxe et al. 2018), `map_embeddings.py`.
package enum InducedDictionary {
    package enum Selection: String, CaseIterable, Sendable {
        /// Pairs that are nearest in both directions.
        case mutual
        /// The nearest target of every source word.
        case forward
    }

    package struct Pair: Equatable, Sendable {
        package let source: Int
        package let target: Int
        /// The cosine, or CSLS: 2 cos − r(source) − r(target).
        package let score: Double

        package init(source: Int, target: Int, score: Double) {
            (self.source, self.target, self.score) = (source, target, score)
        }
    }

    /// How often the N × M cosines are computed.
    package static func passes(isScaled: Bool, selection: Selection) -> Int {
        (isScaled ? 2 : 0) + (selection == .mutual ? 2 : 1)
    }

    /// - Parameters:
    ///   - sources: [N, C]
    ///   - targets: [M, C]
    ///   - isScaled: CSLS instead of the cosine; neighbourhoods are those of the rows given.
    ///   - progress: told how many source or target words a pass has done with; an error it throws ends the work.
    /// - Returns: by ascending source. Among equal scores the smallest row is the nearest.
    /// - Throws: `EvaluationError`, what reading throws.
    package static func pairs(
        sources: some VectorRows, targets: some VectorRows, isScaled: Bool, selection: Selection, threads: Int,
        progress: (Int) throws -> Void = { _ in }
    ) throws -> [Pair] {
        if sources.rowCount == 0 || targets.rowCount == 0 { return [] }
        var sourceMeans: [Float]?, targetMeans: [Float]?
        if isScaled {
            sourceMeans = try CrossDomainScaling.neighbourhoodMeans(
                of: sources, among: targets, threads: threads, progress: progress)
            targetMeans = try CrossDomainScaling.neighbourhoodMeans(
                of: targets, among: sources, threads: threads, progress: progress)
        }
        let backward =
            selection == .mutual
            ? try nearest(of: targets, among: sources, means: sourceMeans, threads: threads, progress) : nil
        var pairs: [Pair] = []
        for rows in (0..<sources.rowCount).pieces(of: CrossDomainScaling.pieceRows) {
            let queries = try VectorMatrix(rows, of: sources)
            let nearest = try nearest(of: queries, among: targets, means: targetMeans, threads: threads)
            let kept = rows.filter { source in backward.map { $0[nearest[source - rows.lowerBound]] == source } ?? true
            }
            // Scores anew, in double: a product's float32 carries the penalty's rounding.
            let found = try VectorMatrix(gathering: kept.map { nearest[$0 - rows.lowerBound] }, of: targets)
            for (place, source) in kept.enumerated() {
                let target = nearest[source - rows.lowerBound]
                let cosine = queries.innerProduct(source - rows.lowerBound, with: found, row: place)
                var score = cosine
                if let sourceMeans, let targetMeans {
                    score = CrossDomainScaling.score(
                        cosine: cosine, sourceMean: Double(sourceMeans[source]), targetMean: Double(targetMeans[target])
                    )
                }
                pairs.append(Pair(source: source, target: target, score: score))
            }
            try progress(rows.count)
        }
        return pairs
    }

    /// The row nearest to every row.
    private static func nearest(
        of rows: some VectorRows, among others: some VectorRows, means: [Float]?, threads: Int,
        _ progress: (Int) throws -> Void
    ) throws -> [Int] {
        var found: [Int] = []
        for piece in (0..<rows.rowCount).pieces(of: CrossDomainScaling.pieceRows) {
            found += try nearest(
                of: VectorMatrix(piece, of: rows), among: others, means: means, threads: threads)
            try progress(piece.count)
        }
        return found
    }

    private static func nearest(
        of queries: VectorMatrix, among others: some VectorRows, means: [Float]?, threads: Int
    ) throws -> [Int] {
        // r of the query is the same for all its candidates, so half of theirs decides.
        try NearestRows.top(
            1, queries: queries, candidates: others, penalties: means.map { $0.map { $0 / 2 } }, threads: threads
        ).map { $0[0].row }
    }
}
