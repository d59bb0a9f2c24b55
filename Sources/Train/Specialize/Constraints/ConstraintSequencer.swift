import ArgumentParser
import Encoder
import Fingerprinting
import Lexicon

/// Turns words, or words with glosses, into token sequences, each distinct text once.
struct ConstraintSequencer {
    enum Outcome: Equatable {
        /// Position in `pack`.
        case sequence(UInt32)
        case empty
        case separatorInside
    }

    let tokenizer: any Tokenizer
    let input: TrainingInput
    let maximumLength: Int
    /// Whether `keptTexts` is wanted.
    let keepsTexts: Bool
    private(set) var pack = SequencePack()
    /// The text of every sequence in `pack`: a word, or word, 0xff (a byte no UTF-8 text holds) and gloss.
    private(set) var keptTexts = TextTable()
    /// For every sequence in `pack`, whether its word is nothing but unknown tokens.
    private(set) var isUnknown: [Bool] = []
    /// Distinct sequences that were cut.
    private(set) var truncated = 0
    private var texts = TextIndex()
    /// What each row of `texts` became.
    private var outcomes: [Outcome] = []
    private var key: [UInt8] = []

    init(tokenizer: any Tokenizer, input: TrainingInput, maximumLength: Int, keepsTexts: Bool = false) {
        self.tokenizer = tokenizer
        self.keepsTexts = keepsTexts
        self.input = input
        self.maximumLength = maximumLength
    }

    mutating func sequence(word: String, gloss: String) -> Outcome {
        key.removeAll(keepingCapacity: true)
        key.append(contentsOf: word.utf8)
        if input == .wordGloss {
            key.append(0xff)
            key.append(contentsOf: gloss.utf8)
        }
        let (row, isNew) = texts.insert(key)
        guard isNew else { return outcomes[row] }
        var word = word, gloss = gloss
        let built = word.withUTF8 { word in
            switch input {
            case .word: SequenceBuilder.single(tokenizer, utf8: word, maximumLength: maximumLength)
            case .wordGloss:
                gloss.withUTF8 {
                    SequenceBuilder.sense(tokenizer, word: word, gloss: $0, maximumLength: maximumLength)
                }
            }
        }
        let outcome: Outcome
        switch built {
        case .sequence(let sequence, let isTruncated):
            outcome = .sequence(UInt32(pack.count))
            pack.append(sequence)
            if keepsTexts { keptTexts.append(key) }
            let unknown = tokenizer.specialTokens.unknown
            isUnknown.append(sequence.ids[sequence.pooled].allSatisfy { $0 == unknown })
            if isTruncated { truncated += 1 }
        case .empty: outcome = .empty
        case .separatorInside: outcome = .separatorInside
        }
        outcomes.append(outcome)
        return outcome
    }
}

/// `--input`: what stands for a word.
enum TrainingInput: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// `[CLS] word [SEP]`: the word as a type.
    case word
    /// `[CLS] word [SEP] gloss [SEP]`: the word in one sense; only the word's subwords are averaged.
    case wordGloss = "word-gloss"
}

/// Cuts the texts of constraints anew for every use (`--piece-dropout`).
struct SubwordRegularization: Sendable {
    let tokenizer: any PieceDroppingTokenizer
    let input: TrainingInput
    let maximumLength: Int
    let probability: Double
    /// `ConstraintSequencer.keptTexts`
    let texts: TextTable

    /// - Returns: nil where nothing is dropped.
    /// - Throws: `SpecializeError.badOption` for a tokenizer that cannot cut words anew.
    static func dropping(_ tokenizer: any Tokenizer, probability: Double) throws -> (any PieceDroppingTokenizer)? {
        guard probability > 0 else { return nil }
        guard let dropping = tokenizer as? any PieceDroppingTokenizer else {
            throw SpecializeError.badOption(
                option: "--piece-dropout", expected: "0 with this checkpoint (its tokenizer cannot cut words anew)",
                found: "\(probability)")
        }
        return dropping
    }

    /// The sequence of a text for one use of it.
    /// - Parameters:
    ///   - usual: what the tokenizer gives without dropout; taken should the other cut hold a separator.
    ///   - seed: of this use; the same one cuts in the same pieces.
    func sequence(_ text: Int, usual: TokenSequence, seed: UInt64) -> TokenSequence {
        var dropout = PieceDropout(probability: probability, seed: seed)
        let built = texts.withBytes(at: text) { bytes in
            switch input {
            case .word:
                SequenceBuilder.single(tokenizer, utf8: bytes, maximumLength: maximumLength, dropping: &dropout)
            case .wordGloss:
                cutAtGloss(bytes) {
                    SequenceBuilder.sense(
                        tokenizer, word: $0, gloss: $1, maximumLength: maximumLength, dropping: &dropout)
                }
            }
        }
        guard case .sequence(let sequence, _) = built else { return usual }
        return sequence
    }

    private func cutAtGloss<R>(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> R
    ) -> R {
        let end = bytes.firstIndex(of: 0xff) ?? bytes.count
        return body(
            UnsafeBufferPointer(rebasing: bytes[..<end]),
            UnsafeBufferPointer(rebasing: bytes[min(end + 1, bytes.count)...]))
    }
}

/// Token sequences stored flat: ids end to end, twelve bytes more for each sequence.
struct SequencePack: Sendable {
    private var ids: [Int32] = []
    private var ends: [Int] = []
    /// Where the second segment begins, and where the pooled range, which begins at 1, ends.
    private var bounds: [(second: UInt16, pooled: UInt16)] = []

    var count: Int { ends.count }
    var tokenCount: Int { ids.count }

    mutating func append(_ sequence: TokenSequence) {
        precondition(sequence.pooled.lowerBound == 1 && sequence.ids.count <= Int(UInt16.max))
        ids.append(contentsOf: sequence.ids)
        ends.append(ids.count)
        bounds.append((UInt16(sequence.secondSegmentStart), UInt16(sequence.pooled.upperBound)))
    }

    subscript(index: Int) -> TokenSequence {
        let range = (index == 0 ? 0 : ends[index - 1])..<ends[index]
        return TokenSequence(
            ids: Array(ids[range]), secondSegmentStart: Int(bounds[index].second), pooled: 1..<Int(bounds[index].pooled)
        )
    }

    func length(_ index: Int) -> Int { ends[index] - (index == 0 ? 0 : ends[index - 1]) }

    func combine(into builder: FingerprintBuilder) {
        builder.combine(ends.count)
        ids.withUnsafeBytes { builder.combine(bytes: $0) }
        ends.withUnsafeBytes { builder.combine(bytes: $0) }
        for bound in bounds { builder.combine(UInt64(bound.second) << 16 | UInt64(bound.pooled)) }
    }
}
