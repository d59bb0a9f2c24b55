import Evaluation
import Lexicon
import Store

/// Answers translation questions for one target language and layer.
package final class Translator {
    private let checkpoint: StoredCheckpoint
    private let target: CollectionRecord
    private let source: CollectionRecord?
    private let choice: TranslationLayer
    private let scoring: TranslationScoring
    private let top: Int
    private let keepIdentical: Bool
    private let threads: Int
    private let candidates: StoredRows
    private let candidateTexts: TextList
    private var encoder: TextEncoder?

    /// Candidates that are scored exactly: those with the highest products as stored. Stored rows have length 1 only up
    /// to their codec, so the order of the very first may change when they are re-normalised.
    static let shortlist = 256

    package init(
        checkpoint: StoredCheckpoint, to: String, from: String?, layer: TranslationLayer.Request,
        scoring: TranslationScoring,
        top: Int, keepIdentical: Bool, threads: Int
    ) throws {
        self.checkpoint = checkpoint
        target = try checkpoint.requireWords(to)
        source = try from.map { try checkpoint.requireWords($0) }
        choice = try TranslationLayer(
            layer, checkpoint: checkpoint, target: target, sourceLanguage: source.map { Self.language(of: $0) })
        self.scoring = scoring
        self.top = top
        self.keepIdentical = keepIdentical
        self.threads = threads
        candidates = try checkpoint.rows(of: checkpoint.layer(choice.number, of: target))
        candidateTexts = checkpoint.texts(of: target)
    }

    /// Answers all words from one state of the store: when `gc` takes files of that state away in the middle, all are
    /// answered anew from a fresh one, so that no answer stands beside another state's.
    /// - Parameter make: reads the catalogue; called again for every attempt.
    /// - Returns: the answers, and what kept the next word from one (words behind it are not asked).
    /// - Throws: what `make` throws; `StoreError.changedWhileReading` when the store never rests.
    package static func answers(
        to words: some Sequence<String>, make: () throws -> Translator
    ) throws -> (translations: [Translation], failure: (any Error)?) {
        try Store.onFreshSnapshot {
            let translator = try make()
            var translations: [Translation] = []
            do {
                for word in words { translations.append(try translator.translate(word)) }
            } catch let error {
                if case StoreError.changedWhileReading = error { throw error }
                return (translations, error)
            }
            return (translations, nil)
        }
    }

    package func translate(_ word: String) throws -> Translation {
        let places = try lookUp(word)
        let place = places.first
        let (vector, isStored) = try self.vector(of: word, place: place)
        let from = source ?? place?.collection
        let ranked = try rank(vector, word: word, from: from)
        return Translation(
            query: word, matched: isStored ? place?.matched : nil, from: from.map { Self.language(of: $0) },
            fromIsGuessed: source == nil && from != nil,
            alternatives: source == nil
                ? places.dropFirst().map {
                    .init(language: Self.language(of: $0.collection), frequencyRank: Int($0.rank))
                } : [],
            to: Self.language(of: target), checkpoint: checkpoint.name, layer: choice, scoring: scoring,
            stored: isStored,
            encodedWith: isStored ? nil : checkpoint.record.source, results: ranked.results,
            identical: ranked.identical)
    }

    /// A stored vocabulary that has the word.
    private struct Place {
        let collection: CollectionRecord
        let row: Int
        let rank: UInt32
        let matched: String
    }

    /// Where the word is stored: in the source language if given, else in all, most frequent first. The target language
    /// itself comes last: who asks for Finnish seldom asks in Finnish.
    private func lookUp(_ word: String) throws -> [Place] {
        let collections = source.map { [$0] } ?? checkpoint.collections.filter { $0.wordLanguage != nil }
        var places: [Place] = []
        for collection in collections {
            let texts = checkpoint.texts(of: collection)
            var word = word
            guard let row = try word.withUTF8({ try texts.row(ofWord: $0) }) else { continue }
            let entry = try texts.entry(at: row)
            places.append(Place(collection: collection, row: row, rank: entry.rank, matched: entry.text))
        }
        return places.sorted {
            ($0.collection.collection == target.collection ? 1 : 0, $0.rank, $0.collection.collection)
                < ($1.collection.collection == target.collection ? 1 : 0, $1.rank, $1.collection.collection)
        }
    }

    /// The word's vector, from the store if it is there at this layer.
    private func vector(of word: String, place: Place?) throws -> (VectorMatrix, stored: Bool) {
        if let place,
            let layer = try checkpoint.layers(of: place.collection).first(where: { $0.layer == choice.number })
        {
            _ = try checkpoint.pooling(of: [target, place.collection])
            return (try VectorMatrix(gathering: [place.row], of: checkpoint.rows(of: layer)), true)
        }
        let encoder =
            try self.encoder ?? TextEncoder(checkpoint.record, highestLayer: choice.number, pooling: target.pooling)
        self.encoder = encoder
        let encoded = try encoder.encode([Array(word.utf8)], layers: [choice.number], threads: 1)
        if let reason = encoded.missing[0] {
            throw LookupError.noVector(text: word, checkpoint: checkpoint.name, reason: reason)
        }
        let matrix = try VectorMatrix(name: "'\(word)'", rows: 1, dimension: encoded.dimension) {
            $0.update(from: encoded.row(layer: 0, text: 0), count: encoded.dimension)
        }
        return (matrix, false)
    }

    private func rank(
        _ vector: VectorMatrix, word: String, from: CollectionRecord?
    ) throws -> (results: [Translation.Candidate], identical: [Translation.Candidate]) {
        guard vector.dimension == candidates.dimension else {
            throw EvaluationError.dimensionMismatch(
                first: vector.name, firstDimension: vector.dimension, second: candidates.name,
                secondDimension: candidates.dimension)
        }
        let raw = try [Float](unsafeUninitializedCapacity: candidates.rowCount) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            try candidates.file.innerProducts(query: vector.row(0), into: base, threads: threads)
            count = candidates.rowCount
        }
        let shortlist = raw.withUnsafeBufferPointer { NearestRows.top(max(Self.shortlist, 4 * top), of: $0) }
        let rows = shortlist.map(\.row)
        let vectors = try VectorMatrix(gathering: rows, of: candidates)
        let cosines = (0..<rows.count).map { vectors.innerProduct($0, with: vector, row: 0) }
        let scores = scoring == .cosine ? cosines : try scale(cosines, vectors: vectors, word: word, from: from)
        let order = rows.indices.sorted { (-scores[$0], rows[$0]) < (-scores[$1], rows[$1]) }

        let spelling = ReferenceLowercase.lower(word)
        var results: [Translation.Candidate] = []
        var identical: [Translation.Candidate] = []
        for index in order {
            if results.count == top { break }
            let entry = try candidateTexts.entry(at: rows[index])
            let candidate = Translation.Candidate(
                row: rows[index], word: entry.text, score: scores[index], frequencyRank: Int(entry.rank))
            let isIdentical =
                entry.text.utf8.elementsEqual(word.utf8)
                || ReferenceLowercase.lower(entry.text).utf8.elementsEqual(spelling.utf8)
            if isIdentical && !keepIdentical { identical.append(candidate) } else { results.append(candidate) }
        }
        return (results, identical)
    }

    /// CSLS of the shortlist: 2 cos − r(query among targets) − r(candidate among sources).
    private func scale(
        _ cosines: [Double], vectors: VectorMatrix, word: String, from: CollectionRecord?
    ) throws -> [Double] {
        guard let from else { throw LookupError.sourceNeeded(text: word, known: checkpoint.languages) }
        let sources = try checkpoint.rows(of: checkpoint.layer(choice.number, of: from))
        let neighbours = CrossDomainScaling.neighbours
        let nearest = cosines.sorted(by: >).prefix(neighbours)
        let own = nearest.isEmpty ? 0 : nearest.reduce(0, +) / Double(nearest.count)
        let others = try NearestRows.neighbourhoodMeans(
            neighbours, queries: vectors, candidates: sources, threads: threads)
        return zip(cosines, others).map {
            CrossDomainScaling.score(cosine: $0, sourceMean: own, targetMean: Double($1))
        }
    }

    private static func language(of collection: CollectionRecord) -> String {
        collection.wordLanguage ?? collection.collection
    }
}
