import Encoder
import Evaluation
import Store

/// Explains the rank of a gold translation under checkpoints of one state of the store.
package struct RankExplainer {
    package struct Question: Sendable {
        package var word: String
        package var gold: String
        package var to: String
        /// nil for the stored vocabulary where the word is most frequent.
        package var from: String?
        package var layers: LayerChoice
        /// Neighbours shown of each kind.
        package var top: Int
        package var hubs: HubCounting
        package var threads: Int

        package init(
            word: String, gold: String, to: String, from: String?, layers: LayerChoice = .all, top: Int,
            hubs: HubCounting, threads: Int
        ) {
            (self.word, self.gold, self.to, self.from) = (word, gold, to, from)
            (self.layers, self.top, self.hubs, self.threads) = (layers, top, hubs, threads)
        }
    }

    private let question: Question
    private let tables: ConstraintTables
    private let models: any ModelSource

    /// - Parameters:
    ///   - tables: where tables of constraints are looked into.
    ///   - models: what encodes a word that is not stored, and tells pieces.
    package init(_ question: Question, tables: ConstraintTables, models: any ModelSource = LoadedModels()) {
        (self.question, self.tables, self.models) = (question, tables, models)
    }

    /// - Throws: `LookupError` for a language or layer that is not stored, for a word without a vector; `StoreError`.
    package func explain(_ checkpoint: StoredCheckpoint) throws -> RankExplanation {
        let target = try checkpoint.requireWords(question.to)
        let source = try question.from.map { try checkpoint.requireWords($0) }
        let places = try checkpoint.find(question.word, source: source, target: target)
        let place = places.first
        let gold = try checkpoint.find(question.gold, in: target)
        let own = source ?? place?.collection
        if let own { _ = try checkpoint.pooling(of: [target, own]) }
        let queries = try queries(checkpoint, place: place, target: target, own: own)
        let query = RankExplanation.Word(
            text: question.word, language: own?.title, matched: place?.matched,
            frequencyRank: place.map { Int($0.rank) })
        let answer = RankExplanation.Word(
            text: question.gold, language: target.title, matched: gold?.matched,
            frequencyRank: gold.map { Int($0.rank) })
        let hubs = own.flatMap { own in
            own.collection == target.collection
                ? nil
                : HubCounts(
                    checkpoint, source: own, target: target, counting: question.hubs, threads: question.threads)
        }
        let layers = try queries.map {
            try layer($0, checkpoint, place: place, gold: gold, target: target, own: own, hubs: hubs)
        }
        return RankExplanation(
            query: query, fromIsGuessed: source == nil && place != nil,
            alternatives: source == nil
                ? places.dropFirst().map { .init(language: $0.language, frequencyRank: Int($0.rank)) } : [],
            gold: answer, checkpoint: checkpoint.name, candidates: target.rows,
            encodedWith: place == nil ? checkpoint.record.source : nil,
            pieces: pieces(checkpoint.record, pooling: target.pooling),
            constraints: try tables.evidence(of: query, answer, in: checkpoint.record.training),
            hubs: known(hubs, own: own, in: layers), layers: layers.map(\.layer))
    }

    private func known(
        _ hubs: HubCounts?, own: CollectionRecord?, in layers: [(layer: RankExplanation.Layer, isCounted: Bool)]
    ) -> RankExplanation.Hubs {
        guard let hubs else {
            return .unknown(
                reason: own == nil ? "the query's language is not known" : "the query is a word of the gold's language")
        }
        if layers.contains(where: \.isCounted) {
            return .counted(k: hubs.scope.k, queries: hubs.queries, candidates: hubs.candidates)
        }
        return .unknown(
            reason: question.hubs == .stored
                ? "no counts are stored; `\(hubs.advice)` keeps them"
                : "none of these layers is stored for the query's language")
    }

    /// The query's vector at a layer, and what it meets there.
    private struct Query {
        /// One row.
        let vector: VectorMatrix
        let target: LayerView
        /// Of the query's own language; nil when that is not known, or not stored at this layer.
        let own: LayerView?
    }

    private func queries(
        _ checkpoint: StoredCheckpoint, place: StoredWord?, target: CollectionRecord, own: CollectionRecord?
    ) throws -> [Query] {
        let targetLayers = try checkpoint.layers(of: target), ownLayers = try own.map { try checkpoint.layers(of: $0) }
        // A stored word has no vector where its own vocabulary is not stored.
        let stored = [targetLayers] + (place == nil ? [] : [ownLayers ?? []])
        let views = question.layers.views(stored)
        guard !views.isEmpty else {
            let asked: [Int] =
                switch question.layers {
                case .all: []
                case .some(let layers), .mean(let layers): layers
                }
            throw LookupError.noSuchLayer(
                checkpoint: checkpoint.name, what: target.collection, layers: asked,
                known: targetLayers.map(\.layer))
        }
        if let place {
            return try views.map { view in
                let rows: any VectorRows = try checkpoint.rows(of: view[1])
                return Query(
                    vector: try VectorMatrix(gathering: [place.row], of: rows), target: view[0], own: view[1])
            }
        }
        let numbers = Set(views.flatMap { $0[0].layers.map(\.layer) }).sorted()
        let encoded = try models.encoder(
            checkpoint.record, highestLayer: numbers[numbers.count - 1], pooling: target.pooling
        )
        .encode([Array(question.word.utf8)], layers: numbers, threads: 1)
        if let reason = encoded.missing[0] {
            throw LookupError.noVector(text: question.word, checkpoint: checkpoint.name, reason: reason)
        }
        return try views.map { view in
            let rows = try view[0].layers.map { layer in
                try VectorMatrix(name: "'\(question.word)'", rows: 1, dimension: encoded.dimension) { output in
                    let row = encoded.row(layer: numbers.firstIndex(of: layer.layer) ?? 0, text: 0)
                    output.update(from: row, count: encoded.dimension)
                }
            }
            let vector =
                rows.count == 1
                ? rows[0] : try VectorMatrix(all: AveragedRows(name: "'\(question.word)'", rows))
            return Query(
                vector: vector, target: view[0],
                own: ownLayers.flatMap { own in question.layers.views([targetLayers, own]) }?
                    .first { $0[0].name == view[0].name }?[1])
        }
    }

    private func layer(
        _ query: Query, _ checkpoint: StoredCheckpoint, place: StoredWord?, gold: StoredWord?,
        target: CollectionRecord, own: CollectionRecord?, hubs: HubCounts?
    ) throws -> (layer: RankExplanation.Layer, isCounted: Bool) {
        let candidates = try checkpoint.rows(of: query.target)
        var ranked: (rank: GoldRank, score: Float)?
        if let gold {
            let requests = [RankCounter.Request(query: 0, gold: gold.row)]
            let rank = try RankCounter.ranks(
                queries: query.vector, requests: requests, candidates: candidates, threads: question.threads)[0]
            let score = try RankCounter.scores(
                queries: query.vector, requests: requests, candidates: candidates, threads: 1)[0]
            ranked = (rank, score)
        }
        let before = try nearest(
            min(question.top, ranked.map { $0.rank.rank - 1 } ?? question.top), of: query, among: candidates)
        let occurrences = try query.own.flatMap { view in
            try hubs?.occurrences(of: before.map(\.row) + [gold?.row].compactMap(\.self), views: [view, query.target])
        }
        let texts = checkpoint.texts(of: target)
        let layer = RankExplanation.Layer(
            layer: query.target.number, mean: query.target.mean,
            gold: ranked.map { rank, score in
                .init(
                    rank: rank.rank, score: Double(score), ties: rank.ties,
                    occurrences: gold.flatMap { occurrences?[$0.row] })
            },
            before: try before.map { try neighbour($0, texts: texts, occurrences: occurrences?[$0.row]) },
            own: try query.own.flatMap { view in
                try own.map { collection in
                    let texts = checkpoint.texts(of: collection)
                    return try nearest(
                        question.top, of: query, among: checkpoint.rows(of: view),
                        except: place?.collection.collection == collection.collection ? place?.row : nil
                    ).map { try neighbour($0, texts: texts, occurrences: nil) }
                }
            } ?? [])
        return (layer, occurrences != nil)
    }

    private func nearest(
        _ count: Int, of query: Query, among candidates: any VectorRows, except row: Int? = nil
    ) throws -> [NearestRows.Match] {
        guard count > 0 else { return [] }
        let matches = try NearestRows.top(
            row == nil ? count : count + 1, queries: query.vector, candidates: candidates, threads: question.threads)[0]
        return Array(matches.filter { $0.row != row }.prefix(count))
    }

    private func neighbour(
        _ match: NearestRows.Match, texts: TextList, occurrences: Int?
    ) throws -> RankExplanation.Neighbour {
        let entry = try texts.entry(at: match.row)
        return .init(
            word: entry.text, score: Double(match.score), frequencyRank: Int(entry.rank), occurrences: occurrences)
    }

    /// As the words were cut for their vectors.
    private func pieces(_ record: CheckpointRecord, pooling: [String: String]?) -> RankExplanation.Pieces {
        do {
            let plain = try models.tokenizer(record)
            let tokenizer = pooling.map(SentenceConvention.lowercases) == true ? plain.lowercasing() : plain
            func pieces(_ text: String) -> [String] {
                let ids = tokenizer.subwords(text)
                return zip(ids, tokenizer.pieces(of: ids)).map { $1 ?? "[\($0)]" }
            }
            return .known(query: pieces(question.word), gold: pieces(question.gold))
        } catch {
            return .unknown(reason: "\(error)")
        }
    }
}
