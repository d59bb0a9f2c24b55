import Console
import Files

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
            "kept": .integer(kept), "kept_with_unknown_word": .integer(unknown), "truncated_sequences": .integer(truncatedSequences),
        ]
    }
}
