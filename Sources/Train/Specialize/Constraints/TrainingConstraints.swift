import Console
import Diagnostics
import Encoder
import Files
import Fingerprinting
import Lexicon

/// A table of constraints as training reads it: token sequences, each distinct text once, and four numbers a row.
///
/// Ten million constraints of words take about 160 MB and their distinct words.
final class TrainingConstraints: Sendable {
    let path: String
    let sequences: SequencePack
    /// One element per constraint kept, in file order: its two sequences, its synset, its language pair.
    let first: [UInt32]
    let second: [UInt32]
    let synsets: [UInt32]
    let pairs: [UInt32]
    /// "de-en", in order of appearance.
    let pairNames: [String]
    let synsetCount: Int
    let counts: ConstraintCounts
    /// Texts to cut anew; nil unless pieces are dropped.
    private let regularization: SubwordRegularization?
    /// Hash of all that training reads of it.
    let fingerprint: Fingerprint

    static let limit = Int(UInt32.max) - 1

    var count: Int { first.count }

    /// Mean length of a sequence as the constraints use them, specials included.
    var meanTokens: Double {
        let sample = stride(from: 0, to: count, by: max(1, count / 10_000))
        var tokens = 0, seen = 0
        for row in sample {
            tokens += sequences.length(Int(first[row])) + sequences.length(Int(second[row]))
            seen += 2
        }
        return Double(tokens) / Double(max(seen, 1))
    }

    /// Reads a table; rows that cannot be used are left out and counted.
    /// - Parameters:
    ///   - maximumLength: of a sequence, tokens, specials included; longer glosses (and words) are cut.
    ///   - pieceDropout: probability of a piece to be dropped.
    ///   - checkForStop: called now and then.
    /// - Throws: `LexiconError` (malformed rows), `SpecializeError` (nothing to train on; piece dropout with a
    ///   tokenizer that has none), `SystemFault`.
    init(
        path: String, tokenizer: any Tokenizer, input: TrainingInput, maximumLength: Int, excluding: ExcludedWords,
        pieceDropout: Double = 0, checkForStop: () throws -> Void = {}
    ) throws {
        self.path = path
        let dropping = try SubwordRegularization.dropping(tokenizer, probability: pieceDropout)
        let reader = try ConstraintReader(path: path)
        var builder = Builder(
            sequencer: ConstraintSequencer(
                tokenizer: tokenizer, input: input, maximumLength: maximumLength, keepsTexts: pieceDropout > 0),
            excluded: excluding)
        while let row = try reader.next() {
            try builder.add(row)
            guard builder.first.count < Self.limit else {
                throw SpecializeError.tooManyConstraints(path: path, limit: Self.limit)
            }
            if builder.counts.read % 4096 == 0 { try checkForStop() }
        }
        counts = builder.counts
        guard counts.kept > 0 else {
            if input == .wordGloss, counts.withoutGloss > 0, counts.withoutGloss == counts.read - counts.excluded {
                throw SpecializeError.noGlosses(path: path)
            }
            throw SpecializeError.noConstraints(path: path, counts: counts.text)
        }
        guard builder.synsetNames.count > 1 else {
            throw SpecializeError.oneSynset(
                path: path, synset: String(builder.synsetNames.table.string(at: 0).prefix(60)))
        }
        (first, second, synsets, pairs) = (builder.first, builder.second, builder.synsets, builder.pairs)
        (sequences, pairNames, synsetCount) = (builder.sequencer.pack, builder.pairNames, builder.synsetNames.count)
        regularization = dropping.map {
            SubwordRegularization(
                tokenizer: $0, input: input, maximumLength: maximumLength, probability: pieceDropout,
                texts: builder.sequencer.keptTexts)
        }
        let hash = FingerprintBuilder()
        hash.combine("constraints 1")
        sequences.combine(into: hash)
        for column in [first, second, synsets, pairs] { column.withUnsafeBytes { hash.combine(bytes: $0) } }
        for name in pairNames { hash.combine(name) }
        // Other texts may have the same pieces, but not the same other ones.
        regularization?.texts.combine(into: hash)
        fingerprint = hash.finish()
    }

    func sampler(_ settings: SpecializeSettings) -> ConstraintSampler {
        let several = settings.pairsPerSynset > 1
        return ConstraintSampler(
            method: settings.sampling, pairNames: pairNames, pairOfConstraint: pairs, alpha: settings.alpha,
            seed: settings.training.seed, pairsPerSynset: settings.pairsPerSynset,
            perSynset: several
                ? PerSynsetSampler(first: first, second: second, synsets: synsets, seed: settings.training.seed) : nil)
    }

    /// Token sequences of a batch: the first words of all its constraints, then the second words; their synsets.
    /// - Parameters:
    ///   - position: of the batch's first constraint, counted over all epochs.
    ///   - seed: of the run; with the position it decides which pieces are dropped.
    func batch(_ rows: [Int], position: UInt64 = 0, seed: UInt64 = 0) -> (sequences: [TokenSequence], labels: [UInt32])
    {
        let labels = rows.map { synsets[$0] }
        let random = CounterRandom(seed: seed, stream: .max - 1)
        func side(_ column: [UInt32], _ number: UInt64) -> [TokenSequence] {
            rows.enumerated().map { offset, row in
                let text = Int(column[row]), usual = sequences[text]
                return regularization?.sequence(
                    text, usual: usual, seed: random[2 * (position + UInt64(offset)) + number]) ?? usual
            }
        }
        return (side(first, 0) + side(second, 1), labels + labels)
    }

    private struct Builder {
        var sequencer: ConstraintSequencer
        let excluded: ExcludedWords
        var counts = ConstraintCounts()
        var first: [UInt32] = []
        var second: [UInt32] = []
        var synsets: [UInt32] = []
        var pairs: [UInt32] = []
        var synsetNames = TextIndex()
        var pairNames: [String] = []
        private var pairNumbers: [String: UInt32] = [:]
        private var canonical: [String: String] = [:]

        init(sequencer: ConstraintSequencer, excluded: ExcludedWords) {
            self.sequencer = sequencer
            self.excluded = excluded
        }

        mutating func add(_ row: Constraint) throws {
            counts.read += 1
            let firstLanguage = canonicalCode(row.firstLanguage), secondLanguage = canonicalCode(row.secondLanguage)
            if isExcluded(row.firstWord, firstLanguage) || isExcluded(row.secondWord, secondLanguage) {
                counts.excluded += 1
                return
            }
            if sequencer.input == .wordGloss, row.firstGloss.isEmpty || row.secondGloss.isEmpty {
                counts.withoutGloss += 1
                return
            }
            let one = sequencer.sequence(word: row.firstWord, gloss: row.firstGloss)
            let other = sequencer.sequence(word: row.secondWord, gloss: row.secondGloss)
            guard case .sequence(let one) = one, case .sequence(let other) = other else {
                if one == .separatorInside || other == .separatorInside {
                    counts.separatorInside += 1
                } else {
                    counts.empty += 1
                }
                return
            }
            counts.kept += 1
            counts.truncatedSequences = sequencer.truncated
            if sequencer.isUnknown[Int(one)] || sequencer.isUnknown[Int(other)] { counts.unknown += 1 }
            first.append(one)
            second.append(other)
            synsets.append(UInt32(synsetNames.insert(row.synset).row))
            pairs.append(pairNumber(firstLanguage, secondLanguage))
        }

        private func isExcluded(_ word: String, _ language: String) -> Bool {
            if excluded.count == 0 { return false }
            let text = excluded.composes ? WordCleaning.composed(word) : word
            return excluded.contains(text, lowered: ReferenceLowercase.lower(text), language: language)
        }

        private mutating func canonicalCode(_ code: String) -> String {
            if let known = canonical[code] { return known }
            let found = LanguageCode.canonical(code)
            canonical[code] = found
            return found
        }

        private mutating func pairNumber(_ one: String, _ other: String) -> UInt32 {
            let name = one.utf8.lexicographicallyPrecedes(other.utf8) ? "\(one)-\(other)" : "\(other)-\(one)"
            if let known = pairNumbers[name] { return known }
            let number = UInt32(pairNames.count)
            pairNumbers[name] = number
            pairNames.append(name)
            return number
        }
    }
}

/// What became of a table's rows.
struct ConstraintCounts: Equatable, Sendable {
    var read = 0
    /// A word of a test or validation dictionary stands on either side.
    var excluded = 0
    /// A word that tokenises to nothing.
    var empty = 0
    /// A word whose ids hold a separator of their own.
    var separatorInside = 0
    /// Without a gloss on either side, where glosses are asked for.
    var withoutGloss = 0
    var kept = 0
    /// Kept with a word, on either side, that the tokenizer has no pieces for.
    var unknown = 0
    /// Sequences that were cut to the longest the run allows.
    var truncatedSequences = 0

    /// Names and numbers for reports, in a fixed order.
    var members: [(name: String, count: Int)] {
        [
            ("read", read), ("excluded", excluded), ("tokenised to nothing", empty),
            ("separator inside", separatorInside), ("without gloss", withoutGloss), ("kept", kept),
        ]
    }

    var text: String { members.map { "\(Quantity.grouped($0.count)) \($0.name)" }.joined(separator: ", ") }

    var json: JSONValue {
        [
            "read": .integer(read), "excluded": .integer(excluded), "empty": .integer(empty),
            "separator_inside": .integer(separatorInside), "without_gloss": .integer(withoutGloss),
            "kept": .integer(kept), "kept_with_unknown_word": .integer(unknown),
            "truncated_sequences": .integer(truncatedSequences),
        ]
    }
}
