import Encoder
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
