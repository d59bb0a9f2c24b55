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
    private(set) var pack = SequencePack()
    /// Distinct sequences that were cut.
    private(set) var truncated = 0
    private var texts = TextIndex()
    /// What each row of `texts` became.
    private var outcomes: [Outcome] = []
    private var key: [UInt8] = []

    init(tokenizer: any Tokenizer, input: TrainingInput, maximumLength: Int) {
        self.tokenizer = tokenizer
        self.input = input
        self.maximumLength = maximumLength
    }

    mutating func sequence(word: String, gloss: String) -> Outcome {
        key.removeAll(keepingCapacity: true)
        key.append(contentsOf: word.utf8)
        if input == .wordGloss {
            // A byte no UTF-8 text holds.
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
            if isTruncated { truncated += 1 }
        case .empty: outcome = .empty
        case .separatorInside: outcome = .separatorInside
        }
        outcomes.append(outcome)
        return outcome
    }
}
