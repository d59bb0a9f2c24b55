import Console
import Diagnostics
import Encoder
import Files
import Fingerprinting
import Kernels

/// A teacher's texts as the student reads them, each beside its vector: token sequences, each distinct text once, and
/// three numbers an example.
final class TeacherTexts: Sendable {
    let vectors: TeacherVectors
    let sequences: SequencePack
    /// One element an example, collections in their order, rows in theirs: its sequence, its collection, its row.
    let sequence: [UInt32]
    let collection: [UInt32]
    let row: [UInt32]
    let counts: TeacherTextCounts
    /// Texts to cut anew; nil unless pieces are dropped.
    private let regularization: SubwordRegularization?
    /// Hash of all that training reads of it.
    let fingerprint: Fingerprint

    var count: Int { sequence.count }
    var collectionNames: [String] { vectors.collections.map(\.record.collection) }

    /// - Parameters:
    ///   - tokenizer: the student's.
    ///   - student: what messages call it.
    ///   - maximumLength: of a sequence, tokens, specials included; longer texts are cut.
    ///   - checkForStop: called now and then.
    /// - Throws: `DistillError.noTexts`, `SpecializeError.badOption` (piece dropout with a tokenizer that has none),
    ///   `StoreError`.
    init(
        _ vectors: TeacherVectors, tokenizer: any Tokenizer, student: String, maximumLength: Int, pieceDropout: Double,
        checkForStop: () throws -> Void
    ) throws {
        self.vectors = vectors
        let dropping = try SubwordRegularization.dropping(tokenizer, probability: pieceDropout)
        var sequencer = ConstraintSequencer(
            tokenizer: tokenizer, input: .word, maximumLength: maximumLength, keepsTexts: pieceDropout > 0)
        var counts = TeacherTextCounts()
        var sequence: [UInt32] = [], collection: [UInt32] = [], rows: [UInt32] = []
        for (number, part) in vectors.collections.enumerated() {
            try part.texts.forEach { row, utf8, _ in
                counts.read += 1
                switch sequencer.sequence(word: String(decoding: utf8, as: UTF8.self), gloss: "") {
                case .sequence(let place):
                    sequence.append(place)
                    collection.append(UInt32(number))
                    rows.append(UInt32(row))
                    if sequencer.isUnknown[Int(place)] { counts.unknown += 1 }
                case .empty: counts.empty += 1
                case .separatorInside: counts.separatorInside += 1
                }
                if counts.read % 4096 == 0 { try checkForStop() }
            }
        }
        counts.kept = sequence.count
        counts.truncatedSequences = sequencer.truncated
        guard !sequence.isEmpty else {
            throw DistillError.noTexts(student: student, read: counts.read, leftOut: counts.leftOut)
        }
        self.counts = counts
        sequences = sequencer.pack
        (self.sequence, self.collection, row) = (sequence, collection, rows)
        regularization = dropping.map {
            SubwordRegularization(
                tokenizer: $0, input: .word, maximumLength: maximumLength, probability: pieceDropout,
                texts: sequencer.keptTexts)
        }
        let hash = FingerprintBuilder()
        hash.combine("teacher texts 1")
        hash.combine(vectors.fingerprint)
        sequences.combine(into: hash)
        for column in [sequence, collection, rows] { column.withUnsafeBytes { hash.combine(bytes: $0) } }
        regularization?.texts.combine(into: hash)
        fingerprint = hash.finish()
    }

    /// Mean length of a sequence as the examples use them, specials included.
    var meanTokens: Double {
        let sample = stride(from: 0, to: count, by: max(1, count / 10_000))
        var tokens = 0, seen = 0
        for example in sample {
            tokens += sequences.length(Int(sequence[example]))
            seen += 1
        }
        return Double(tokens) / Double(max(seen, 1))
    }

    /// Token sequences of a batch.
    /// - Parameters:
    ///   - position: of its first example, counted over all epochs.
    ///   - seed: of the run; with the position it decides which pieces are dropped.
    func batch(_ examples: [Int], position: UInt64, seed: UInt64) -> [TokenSequence] {
        let random = CounterRandom(seed: seed, stream: .max - 1)
        return examples.enumerated().map { offset, example in
            let text = Int(sequence[example]), usual = sequences[text]
            return regularization?.sequence(text, usual: usual, seed: random[position + UInt64(offset)]) ?? usual
        }
    }

    /// The teacher's vectors of a batch, [n, C], scaled to length 1.
    /// - Throws: `StoreError` when a file cannot be read.
    func targets(_ examples: [Int], into output: UnsafeMutablePointer<Float>) throws {
        let C = vectors.dimension
        // A collection's rows are read together: a file's row is no call of its own.
        let parts = Dictionary(grouping: examples.indices) { collection[examples[$0]] }
        for (part, places) in parts.sorted(by: { $0.key < $1.key }) {
            let buffer = FloatBuffer(count: places.count * C)
            try vectors.collections[Int(part)].rows.decode(
                rows: places.map { Int(row[examples[$0]]) }, into: buffer.pointer)
            for (number, place) in places.enumerated() {
                (output + place * C).update(from: buffer.pointer + number * C, count: C)
            }
            withExtendedLifetime(buffer) {}
        }
        let bad = Vectors.normalizeRows(output, rows: examples.count, columns: C)
        precondition(bad == nil, "a vector without a direction was let in")
    }
}

/// What became of a teacher's texts.
struct TeacherTextCounts: Equatable, Sendable {
    var read = 0
    /// Texts that tokenise to nothing.
    var empty = 0
    /// Texts whose ids hold a separator of their own.
    var separatorInside = 0
    var kept = 0
    /// Kept, and nothing but what the tokenizer has no pieces for.
    var unknown = 0
    /// Distinct texts that were cut to the longest the run allows.
    var truncatedSequences = 0

    /// "20 tokenised to nothing"
    var leftOut: String {
        [(empty, "tokenised to nothing"), (separatorInside, "with a separator inside")].filter { $0.0 > 0 }
            .map { "\(Quantity.grouped($0.0)) \($0.1)" }.joined(separator: ", ")
    }

    var json: JSONValue {
        [
            "read": .integer(read), "empty": .integer(empty), "separator_inside": .integer(separatorInside),
            "kept": .integer(kept), "kept_unknown": .integer(unknown),
            "truncated_sequences": .integer(truncatedSequences),
        ]
    }
}
