import Evaluation
import Store

/// Many words at once: vectors are gathered and encoded together, and candidates stream past all of them.
///
/// A batch's cosines have the bits a single word's have: they are computed from the same rows by the same product.
extension LayerTranslator {
    /// Below this many words, each is answered on its own: the stored bytes of the candidates are then faster to read
    /// than to decode.
    static let fewestInBatch = 4

    /// - Parameter words: at most `Translator.batchLength`.
    /// - Returns: for every word its answer, or why that word has none.
    /// - Throws: `StoreError.changedWhileReading`, and what keeps every word from an answer.
    func translate(batch words: [Asked]) throws -> [Result<Translation, any Error>] {
        if words.count < Self.fewestInBatch {
            return try words.map { word in
                do { return .success(try translate(word)) } catch {
                    if case StoreError.changedWhileReading = error { throw error }
                    return .failure(error)
                }
            }
        }
        var questions = words.map { Question(asked: $0) }
        for index in questions.indices {
            questions[index].from = settings.source ?? questions[index].stored.first?.collection
            guard let stored = questions[index].stored.first else { continue }
            do {
                questions[index].rows = try rows(ofQueriesIn: stored.collection)
            } catch let error as LookupError {
                // Stored words that cannot be compared with the target's: no matter of the other words.
                questions[index].failure = error
            }
        }
        let encoded = try encodeMissing(&questions)
        for index in questions.indices where questions[index].failure == nil && settings.scoring == .csls {
            if questions[index].from == nil {
                questions[index].failure = LookupError.sourceNeeded(
                    text: questions[index].word, known: settings.checkpoint.languages)
            }
        }
        let answerable = questions.indices.filter { questions[$0].failure == nil }
        let ranked = try rank(answerable.map { questions[$0] }, encoded: encoded)
        var results = questions.map { question -> Result<Translation, any Error> in
            .failure(question.failure ?? noVector(question.word, "it was not asked"))
        }
        for (index, answer) in zip(answerable, ranked) {
            let question = questions[index]
            results[index] = .success(
                translation(
                    of: question.asked, isStored: question.rows != nil, from: question.from, answer))
        }
        return results
    }

    private struct Question {
        let asked: Asked
        var word: String { asked.word }
        var stored: [StoredWord] { asked.stored }
        var from: CollectionRecord?
        /// Where its vector is stored; nil when it is encoded.
        var rows: StoredRows?
        /// Its position among the encoded texts.
        var encoded: Int?
        var failure: (any Error)?
    }

    private func encodeMissing(_ questions: inout [Question]) throws -> EncodedTexts? {
        let missing = questions.indices.filter { questions[$0].rows == nil && questions[$0].failure == nil }
        if missing.isEmpty { return nil }
        do {
            let encoded = try settings.encoder.encode(
                missing.map { questions[$0].word }, layer: layer, pooling: settings.target.pooling,
                threads: settings.threads)
            for (position, index) in missing.enumerated() {
                questions[index].encoded = position
                if let reason = encoded.missing[position] {
                    questions[index].failure = noVector(questions[index].word, reason)
                }
            }
            return encoded
        } catch {
            // The checkpoint cannot encode: stored words are answered all the same.
            for index in missing { questions[index].failure = error }
            return nil
        }
    }

    private func rank(_ questions: [Question], encoded: EncodedTexts?) throws -> [Ranked] {
        let dimension = candidates.dimension
        let sources = questions.compactMap(\.rows).map { ($0.name, $0.dimension) }
        let all = sources + (encoded.map { [("the words asked for", $0.dimension)] } ?? [])
        if let other = all.first(where: { $0.1 != dimension }) {
            throw EvaluationError.dimensionMismatch(
                first: other.0, firstDimension: other.1, second: candidates.name, secondDimension: dimension)
        }
        let queries = try VectorMatrix(name: "the words asked for", rows: questions.count, dimension: dimension) {
            for (index, question) in questions.enumerated() {
                let output = $0 + index * dimension
                if let rows = question.rows, let stored = question.stored.first {
                    try rows.decode(rows: [stored.row], into: output)
                } else if let encoded, let text = question.encoded {
                    output.update(from: encoded.row(layer: 0, text: text), count: dimension)
                }
            }
        }
        let shortlists = try NearestRows.shortlists(
            shortlistLength, queries: queries, candidates: candidates, threads: settings.threads
        ).map { $0.map(\.row) }
        if settings.scoring == .csls { try knowMeans(of: shortlists, for: questions) }
        return try questions.indices.map { index in
            let rows = shortlists[index], question = questions[index]
            let vectors = try VectorMatrix(gathering: rows, of: candidates)
            let cosines = rows.indices.map { vectors.innerProduct($0, with: queries, row: index) }
            var scores = cosines
            if settings.scoring == .csls, let from = question.from, let means = candidateMeans[from.collection] {
                scores = Self.scaled(cosines, by: rows.map { means[$0] })
            }
            var ranked = try ordered(rows, scores: scores, word: question.word, from: question.from)
            ranked.nonsense = try nonsenseMargin(cosines, isStored: question.rows != nil, from: question.from)
            return ranked
        }
    }

    /// r(y) of every candidate of every shortlist, each computed once however many words it is a candidate of.
    private func knowMeans(of shortlists: [[Int]], for questions: [Question]) throws {
        for (name, group) in Dictionary(grouping: questions.indices, by: { questions[$0].from?.collection ?? "" }) {
            guard let first = group.first else { continue }
            let sources = try self.sources(of: questions[first].word, from: questions[first].from)
            var means = candidateMeans[name] ?? [Float](repeating: .nan, count: candidates.rowCount)
            let unknown = Set(group.flatMap { shortlists[$0] }).filter { means[$0].isNaN }.sorted()
            for start in stride(from: 0, to: unknown.count, by: Self.meansAtOnce) {
                let rows = Array(unknown[start..<min(start + Self.meansAtOnce, unknown.count)])
                let found = try NearestRows.neighbourhoodMeans(
                    CrossDomainScaling.neighbours, queries: VectorMatrix(gathering: rows, of: candidates),
                    candidates: sources, threads: settings.threads)
                for (row, mean) in zip(rows, found) { means[row] = mean }
            }
            candidateMeans[name] = means
        }
    }

    /// Candidates whose neighbourhoods are sought in one pass over the source vocabulary.
    private static var meansAtOnce: Int { 16_384 }
}
