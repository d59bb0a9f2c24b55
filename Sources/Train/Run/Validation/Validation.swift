import Encoder
import Evaluation
import Fingerprinting
import Kernels
import Lexicon

/// Validation dictionaries with their vocabularies, ready to be scored again and again: exact MRR as `query bli` has
/// it.
///
/// A pair is ranked when the target word is in the target vocabulary and the source word in the source language's, each
/// as written or else lower-cased; a source language without a vocabulary in the folder filters nothing, as in the
/// reference's validation.
final class Validation: Sendable {
    /// The pairs that share a target vocabulary, so that it is encoded once.
    private struct Group {
        let target: ValidationVocabulary
        /// Positions in `dictionaries`.
        let members: [Int]
        let sources: [ValidationVocabulary]
        let queries: InductionQueries
    }

    let dictionaries: [ValidationDictionary]
    let fingerprint: Fingerprint
    /// Ranked rows of each dictionary.
    let rankedRows: [Int]
    private let groups: [Group]

    /// Sequences encoded between two looks at what the user wants.
    private static let chunk = 2048

    /// - Parameters:
    ///   - folder: `--vocabularies`; `top`: entries read of each list.
    /// - Throws: `SpecializeError`, `LexiconError`, `SystemFault`.
    init(
        _ dictionaries: [ValidationDictionary], folder: String, top: Int, tokenizer: any Tokenizer, maximumLength: Int,
        checkForStop: () throws -> Void = {}
    ) throws {
        self.dictionaries = dictionaries
        let files = try VocabularyFolder(folder).files
        var loaded: [String: ValidationVocabulary] = [:]
        let hash = FingerprintBuilder()
        hash.combine("validation 1")
        func vocabulary(_ language: String) throws -> ValidationVocabulary? {
            if let known = loaded[language] { return known }
            guard let file = files.first(where: { LanguageCode.areSame($0.language, language) }) else { return nil }
            let words = ValidationVocabulary(
                try VocabularyReader.read(path: file.path, language: language, top: top), tokenizer: tokenizer,
                maximumLength: maximumLength)
            try checkForStop()
            loaded[language] = words
            return words
        }
        var cells:
            [(target: String, source: String, sourceWords: ValidationVocabulary, matches: [InductionQueries.Match?])] =
                []
        for entry in dictionaries {
            let dictionary = entry.dictionary
            guard let target = try vocabulary(entry.targetLanguage) else {
                throw SpecializeError.noVocabulary(
                    language: entry.targetLanguage, dictionary: entry.pair, folder: folder)
            }
            let listed = try vocabulary(entry.sourceLanguage)
            // Without a list of its language every source word is a query; such a list belongs to one dictionary.
            let source =
                listed
                ?? ValidationVocabulary(
                    language: entry.sourceLanguage, words: Self.distinct(dictionary.source),
                    fingerprint: dictionary.fingerprint, tokenizer: tokenizer, maximumLength: maximumLength)
            let matches = (0..<dictionary.count).map { row -> InductionQueries.Match? in
                guard let gold = dictionary.target.withBytes(at: row, target.row),
                    let query = dictionary.source.withBytes(at: row, source.row)
                else { return nil }
                return InductionQueries.Match(source: query, target: gold)
            }
            guard matches.contains(where: { $0 != nil }) else {
                throw SpecializeError.nothingToValidate(
                    dictionary: entry.pair, path: dictionary.path, rows: dictionary.count,
                    vocabulary: "the first \(top) words of '\(entry.targetLanguage)'"
                        + (listed == nil ? "" : " and '\(entry.sourceLanguage)'") + " in \(folder)")
            }
            for part in [dictionary.fingerprint, target.fingerprint, source.fingerprint] { hash.combine(part) }
            cells.append(
                (
                    entry.targetLanguage, entry.sourceLanguage + (listed == nil ? " of \(entry.pair)" : ""), source,
                    matches
                ))
        }
        rankedRows = cells.map { $0.matches.lazy.filter { $0 != nil }.count }
        fingerprint = hash.finish()
        var order: [String] = []
        for cell in cells where !order.contains(cell.target) { order.append(cell.target) }
        groups = try order.map { target in
            let members = cells.indices.filter { cells[$0].target == target }
            let queries = InductionQueries(members.map { (source: cells[$0].source, matches: cells[$0].matches) })
            guard let words = try vocabulary(target) else {
                throw SpecializeError.noVocabulary(language: target, dictionary: target, folder: folder)
            }
            return Group(
                target: words, members: members,
                sources: queries.sources.map { cells[members[$0.cell]].sourceWords }, queries: queries)
        }
    }

    /// What a run's options ask for.
    /// - Returns: nil without dictionaries.
    /// - Throws: as `init`; `SpecializeError.badOption` without `--vocabularies`.
    static func of(
        _ dictionaries: [ValidationDictionary], _ settings: TrainingSettings, tokenizer: any Tokenizer,
        checkForStop: () throws -> Void
    ) throws -> Validation? {
        guard let first = dictionaries.first else { return nil }
        guard let folder = settings.vocabularies else {
            throw SpecializeError.badOption(
                option: "--vocabularies", expected: "a folder with the vocabularies of the validation languages",
                found: "nothing, with --validation \(first.pair)")
        }
        return try Validation(
            dictionaries, folder: folder, top: settings.validationTop, tokenizer: tokenizer,
            maximumLength: settings.maximumLength, checkForStop: checkForStop)
    }

    /// Tokens a scoring encodes.
    var tokenCount: Int {
        groups.reduce(0) { sum, group in
            let queries = zip(group.queries.sources, group.sources).reduce(0) { total, source in
                total + source.0.rows.reduce(0) { $0 + source.1.sequences.length(Int(source.1.sequenceOfRow[$1])) }
            }
            return sum + group.target.sequences.tokenCount + queries
        }
    }

    /// Scores of the encoder's present weights; gains are 0 until `relative(to:)` fills them.
    /// - Parameter progress: called with the tokens just encoded; an error it throws ends the scoring.
    /// - Throws: `EvaluationError.unusableVector` when a vector is not finite or has length zero.
    func score(_ encoder: ParallelEncoder, progress: (_ tokens: Int) throws -> Void) throws -> ValidationScores {
        var scores = [ValidationScores.Pair?](repeating: nil, count: dictionaries.count)
        for group in groups {
            let C = encoder.dimension
            let candidates = EncodedVocabulary(group.target, dimension: C)
            try encode(
                encoder, group.target.sequences, Array(0..<group.target.sequences.count), into: candidates.vectors,
                progress: progress)
            let queries = try VectorMatrix(
                name: "queries into '\(group.target.language)'", rows: group.queries.queryCount, dimension: C
            ) { output in
                var row = 0
                for (source, words) in zip(group.queries.sources, group.sources) {
                    let numbers = source.rows.map { Int(words.sequenceOfRow[$0]) }
                    try encode(encoder, words.sequences, numbers, into: output + row * C, progress: progress)
                    row += numbers.count
                }
            }
            let ranks = try RankCounter.ranks(
                queries: queries, requests: group.queries.requests, candidates: candidates, threads: encoder.threads)
            for (cell, member) in group.members.enumerated() {
                let result = LexiconInduction(
                    group.queries.rowRequests[cell].map { number in number.map { ranks[$0] } })
                scores[member] = ValidationScores.Pair(
                    pair: dictionaries[member].pair, mrr: result.meanReciprocalRank, gain: 0, queries: result.queries)
            }
        }
        return ValidationScores(pairs: scores.compactMap { $0 })
    }

    private func encode(
        _ encoder: ParallelEncoder, _ pack: SequencePack, _ numbers: [Int], into output: UnsafeMutablePointer<Float>,
        progress: (Int) throws -> Void
    ) throws {
        for start in stride(from: 0, to: numbers.count, by: Self.chunk) {
            let batch = numbers[start..<min(start + Self.chunk, numbers.count)].map { pack[$0] }
            encoder.encode(batch, into: output + start * encoder.dimension)
            guard Vectors.areFinite(output + start * encoder.dimension, count: batch.count * encoder.dimension) else {
                throw EvaluationError.unusableVector(source: "validation", row: start)
            }
            try progress(batch.reduce(0) { $0 + $1.ids.count })
        }
    }

    private static func distinct(_ words: TextTable) -> TextTable {
        var index = TextIndex()
        for row in 0..<words.count { words.withBytes(at: row) { _ = index.insert($0) } }
        return index.table
    }
}

/// MRR of every validation pair at one moment of a run.
struct ValidationScores: Codable, Equatable, Sendable {
    struct Pair: Codable, Equatable, Sendable {
        /// "en-it"
        var pair: String
        var mrr: Double
        /// (MRR - vanilla MRR) / vanilla MRR; 0 for vanilla itself.
        var gain: Double
        var queries: Int
    }

    var pairs: [Pair]

    /// What selects the best checkpoint (paper §4).
    var meanGain: Double { pairs.isEmpty ? 0 : pairs.reduce(0) { $0 + $1.gain } / Double(pairs.count) }

    /// The scores with gains over those of the unspecialised model; a rank is finite, so no MRR is 0.
    func relative(to vanilla: ValidationScores) -> ValidationScores {
        var result = self
        for (index, base) in vanilla.pairs.enumerated() { result.pairs[index].gain = pairs[index].mrr / base.mrr - 1 }
        return result
    }
}
