import Evaluation
import Lexicon
import Store

/// Answers translation questions for one target language at one layer; `Translator` chooses which.
final class LayerTranslator {
    let settings: Translator.Settings
    let layer: Int
    let candidates: StoredRows
    private let candidateTexts: TextList
    /// By collection: the layer's rows where queries are stored; nil where the layer is not.
    private var queryRows: [String: StoredRows?] = [:]
    /// By source collection: r(y) of CSLS for the target's rows that have been candidates; NaN for the others.
    var candidateMeans: [String: [Float]] = [:]
    /// By source collection; nil where one has too few words.
    private var calibrations: [String: NonsenseCalibration?] = [:]
    /// By source collection; "" for all that are not the target's.
    private var foreignWords: [String: ForeignWords] = [:]

    /// Candidates that are scored exactly: those with the highest products as stored. Stored rows have length 1 only up
    /// to their codec, so the order of the very first may change when they are re-normalised.
    static let shortlist = 256

    /// A word, where it is stored, and the layer chosen for it.
    struct Asked {
        let word: String
        /// The vocabularies that have it; its vector is taken from the first.
        let stored: [StoredWord]
        let choice: TranslationLayer
    }

    init(_ settings: Translator.Settings, layer: Int) throws {
        self.settings = settings
        self.layer = layer
        candidates = try settings.checkpoint.rows(of: settings.checkpoint.layer(layer, of: settings.target))
        candidateTexts = settings.checkpoint.texts(of: settings.target)
    }

    func translate(_ asked: Asked) throws -> Translation {
        let stored = asked.stored.first
        let (vector, isStored) = try self.vector(of: asked.word, stored: stored)
        let from = settings.source ?? stored?.collection
        let ranked = try rank(vector, word: asked.word, isStored: isStored, from: from)
        return translation(of: asked, isStored: isStored, from: from, ranked)
    }

    /// What is ranked, what is set apart for its spelling or its language, and the best candidate below the threshold.
    struct Ranked {
        var results: [Translation.Candidate] = []
        var identical: [Translation.Candidate] = []
        var foreign: [Translation.Foreign] = []
        var below: Translation.Candidate?
        var nonsense: Translation.NonsenseMargin?
    }

    func translation(
        of asked: Asked, isStored: Bool, from: CollectionRecord?, _ ranked: Ranked
    ) -> Translation {
        Translation(
            query: asked.word, matched: isStored ? asked.stored.first?.matched : nil,
            from: from?.title, fromIsGuessed: settings.source == nil && from != nil,
            alternatives: settings.source == nil
                ? asked.stored.dropFirst().map {
                    .init(language: $0.language, frequencyRank: Int($0.rank))
                } : [],
            to: settings.target.title, checkpoint: settings.checkpoint.name, layer: asked.choice,
            scoring: settings.scoring,
            stored: isStored,
            encodedWith: isStored ? nil : settings.checkpoint.record.source, results: ranked.results,
            identical: ranked.identical, native: settings.native, foreign: ranked.foreign,
            threshold: settings.threshold,
            below: ranked.below, nonsense: ranked.nonsense)
    }

    /// The word's vector, from the store if it is there at this layer.
    func vector(of word: String, stored: StoredWord?) throws -> (VectorMatrix, stored: Bool) {
        if let stored, let rows = try rows(ofQueriesIn: stored.collection) {
            return (try VectorMatrix(gathering: [stored.row], of: rows), true)
        }
        let encoded = try settings.encoder.encode([word], layer: layer, pooling: settings.target.pooling, threads: 1)
        if let reason = encoded.missing[0] { throw noVector(word, reason) }
        let matrix = try VectorMatrix(name: "'\(word)'", rows: 1, dimension: encoded.dimension) {
            $0.update(from: encoded.row(layer: 0, text: 0), count: encoded.dimension)
        }
        return (matrix, false)
    }

    /// The rows of a collection at the layer the question is answered at; nil when it is not stored there.
    /// - Throws: `LookupError.mixedPooling` when they cannot be compared with the target's.
    func rows(ofQueriesIn collection: CollectionRecord) throws -> StoredRows? {
        if let known = queryRows[collection.collection] { return known }
        let found = try settings.checkpoint.layers(of: collection).first { $0.layer == layer }
        let rows = try found.map { found in
            _ = try settings.checkpoint.pooling(of: [settings.target, collection])
            return try settings.checkpoint.rows(of: found)
        }
        queryRows[collection.collection] = .some(rows)
        return rows
    }

    func noVector(_ word: String, _ reason: String) -> LookupError {
        .noVector(text: word, checkpoint: settings.checkpoint.name, reason: reason)
    }

    private func rank(
        _ vector: VectorMatrix, word: String, isStored: Bool, from: CollectionRecord?
    ) throws -> Ranked {
        guard vector.dimension == candidates.dimension else {
            throw EvaluationError.dimensionMismatch(
                first: vector.name, firstDimension: vector.dimension, second: candidates.name,
                secondDimension: candidates.dimension)
        }
        let raw = try [Float](unsafeUninitializedCapacity: candidates.rowCount) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            try candidates.file.innerProducts(query: vector.row(0), into: base, threads: settings.threads)
            count = candidates.rowCount
        }
        let rows = raw.withUnsafeBufferPointer { NearestRows.top(shortlistLength, of: $0) }.map(\.row)
        let vectors = try VectorMatrix(gathering: rows, of: candidates)
        let cosines = (0..<rows.count).map { vectors.innerProduct($0, with: vector, row: 0) }
        let scores =
            settings.scoring == .cosine ? cosines : try scale(cosines, vectors: vectors, word: word, from: from)
        var ranked = try ordered(rows, scores: scores, word: word, from: from)
        ranked.nonsense = try nonsenseMargin(cosines, isStored: isStored, from: from)
        return ranked
    }

    /// - Parameter cosines: of the query with its shortlist.
    /// - Returns: nil where nonsense is not asked about, or the query's language is not known or not stored here.
    func nonsenseMargin(_ cosines: [Double], isStored: Bool, from: CollectionRecord?) throws -> Translation
        .NonsenseMargin?
    {
        guard settings.doubt == .all || (settings.doubt == .new && !isStored), let from else { return nil }
        let calibration: NonsenseCalibration?
        if let known = calibrations[from.collection] {
            calibration = known
        } else {
            var sources: StoredRows?
            // Stored words that cannot be compared with the target's tell nothing about nonsense.
            do { sources = try rows(ofQueriesIn: from) } catch is LookupError {}
            calibration = try sources.flatMap {
                try NonsenseCalibration(sources: $0, candidates: candidates, threads: settings.threads)
            }
            calibrations[from.collection] = .some(calibration)
        }
        return calibration.map { .init(margin: NonsenseCalibration.margin(cosines), limit: $0.limit) }
    }

    var shortlistLength: Int { Self.shortlistLength(top: settings.top) }

    static func shortlistLength(top: Int) -> Int { max(shortlist, 4 * top) }

    /// The best of a shortlist; those spelled like the query, and words of another language, apart.
    func ordered(_ rows: [Int], scores: [Double], word: String, from: CollectionRecord?) throws -> Ranked {
        let order = rows.indices.sorted { (-scores[$0], rows[$0]) < (-scores[$1], rows[$1]) }
        let spelling = ReferenceLowercase.lower(word), foreignWords = foreignWords(from: from)
        var ranked = Ranked()
        for index in order {
            if ranked.results.count == settings.top { break }
            let entry = try candidateTexts.entry(at: rows[index])
            let candidate = Translation.Candidate(
                row: rows[index], word: entry.text, score: scores[index], frequencyRank: Int(entry.rank))
            let isIdentical = ReferenceLowercase.lower(entry.text).utf8.elementsEqual(spelling.utf8)
            let isSetApart = isIdentical && !settings.keepIdentical
            let language =
                isIdentical
                ? nil
                : try foreignWords?.language(
                    ofRow: candidate.row, word: candidate.word, frequencyRank: candidate.frequencyRank)
            if let threshold = settings.threshold, candidate.score < threshold {
                // All that follow score no more; those set apart were no answers.
                if isSetApart || language != nil { continue }
                ranked.below = candidate
                break
            }
            if isSetApart {
                ranked.identical.append(candidate)
            } else if let language {
                ranked.foreign.append(.init(candidate: candidate, language: language))
            } else {
                ranked.results.append(candidate)
            }
        }
        return ranked
    }

    /// What knows the words that are left out; nil where none are, or where the query's language is not known.
    private func foreignWords(from: CollectionRecord?) -> ForeignWords? {
        if settings.native == .off || (settings.native == .own && from == nil) { return nil }
        let key = settings.native == .own ? from?.collection ?? "" : ""
        if let known = foreignWords[key] { return known }
        let words = ForeignWords(
            in: settings.target, of: settings.checkpoint, from: settings.native == .own ? from.map { [$0] } : nil)
        foreignWords[key] = words
        return words
    }

    /// CSLS of the shortlist: 2 cos − r(query among targets) − r(candidate among sources).
    private func scale(
        _ cosines: [Double], vectors: VectorMatrix, word: String, from: CollectionRecord?
    ) throws -> [Double] {
        let sources = try self.sources(of: word, from: from)
        let neighbours = CrossDomainScaling.neighbours
        let others = try NearestRows.neighbourhoodMeans(
            neighbours, queries: vectors, candidates: sources, threads: settings.threads)
        return Self.scaled(cosines, by: others)
    }

    /// The words of the query's language, whose neighbourhoods CSLS takes off.
    func sources(of word: String, from: CollectionRecord?) throws -> StoredRows {
        guard let from else { throw LookupError.sourceNeeded(text: word, known: settings.checkpoint.languages) }
        return try settings.checkpoint.rows(of: settings.checkpoint.layer(layer, of: from))
    }

    /// - Parameters:
    ///   - cosines: of the query with its shortlist.
    ///   - others: r(y) of each of the shortlist.
    static func scaled(_ cosines: [Double], by others: [Float]) -> [Double] {
        let nearest = cosines.sorted(by: >).prefix(CrossDomainScaling.neighbours)
        let own = nearest.isEmpty ? 0 : nearest.reduce(0, +) / Double(nearest.count)
        return zip(cosines, others).map {
            CrossDomainScaling.score(cosine: $0, sourceMean: own, targetMean: Double($1))
        }
    }
}
