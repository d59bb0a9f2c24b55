import Encoder
import Fingerprinting
import Lexicon
import Parallelism

/// Tokenises whole collections on all cores and merges equal sequences into a pool.
struct CollectionTokenizer {
    private let tokenizer: any Tokenizer
    /// Of the checkpoint: folder for messages, positions, embedding rows.
    private let folder: String
    private let maximumLength: Int
    private let vocabularySize: Int
    private let pooling: PoolingConventions
    private let threads: Int

    /// Texts one thread takes at a time.
    static let blockTexts = 4096
    /// Blocks for each thread that are tokenised before they are merged: what is in memory twice.
    private static let blocksAhead = 8

    /// What a block of texts became.
    private struct Block: Sendable {
        var ids: [Int32] = []
        /// One number a text: tokens, or a negative reason.
        var lengths: [Int32] = []
        var digests: [Fingerprint] = []
        /// One for each text with a vector.
        var pooled: [PooledPositions] = []
        var truncated = 0
        var failure: IndexerError?

        static let empty: Int32 = -1
        static let separator: Int32 = -2
    }

    /// - Parameter tokenizer: the model's; loaded when it is not given.
    /// - Throws: `TokenizerError`, `SystemFault`.
    init(_ model: EncodingModel, tokenizer: (any Tokenizer)? = nil, threads: Int) throws {
        self.tokenizer = try tokenizer ?? model.makeTokenizer()
        folder = model.record.source
        maximumLength = model.maximumLength
        vocabularySize = model.record.vocabularySize
        pooling = model.pooling
        self.threads = threads
    }

    /// - Throws: `IndexerError.idOutOfRange` for a tokenizer of another model.
    func plan(_ input: CollectionInput, missingLayers: [Int], pool: inout SequencePool) throws -> CollectionPlan {
        guard input.texts.count < Int(UInt32.max), pool.count + input.texts.count < Int(UInt32.max) else {
            throw IndexerError.tooManyTexts(
                collection: input.name, count: pool.count + input.texts.count, limit: Int(UInt32.max) - 1)
        }
        let blockCount = (input.texts.count + Self.blockTexts - 1) / Self.blockTexts
        let convention = pooling.convention(input.kind)
        let sequences = TextSequences(tokenizer, convention: convention, maximumLength: maximumLength)
        var rows = Rows(input)
        let ahead = max(1, threads) * Self.blocksAhead
        for start in stride(from: 0, to: blockCount, by: ahead) {
            let blocks = Parallel.map(min(ahead, blockCount - start), threads: threads) { index in
                let first = (start + index) * Self.blockTexts
                return tokenize(
                    input.texts, sequences, convention?.dense,
                    rows: first..<min(first + Self.blockTexts, input.texts.count))
            }
            // In text order, so that the pool does not depend on which thread was first.
            for block in blocks { try rows.append(block, to: &pool) }
        }
        guard !rows.texts.isEmpty else {
            throw IndexerError.nothingToEncode(
                collection: input.name, source: input.source, texts: input.texts.count)
        }
        return CollectionPlan(
            input: input, pooling: convention, missingLayers: missingLayers, rowTexts: rows.texts,
            rowSequences: rows.sequences, skipped: rows.skipped, truncated: rows.truncated)
    }

    private func tokenize(
        _ texts: TextTable, _ sequences: TextSequences, _ dense: DenseModules?, rows: Range<Int>
    ) -> Block {
        var block = Block()
        block.lengths.reserveCapacity(rows.count)
        block.digests.reserveCapacity(rows.count)
        for row in rows {
            switch texts.withBytes(at: row, { sequences.sequence(utf8: $0) }) {
            case .sequence(let sequence, let truncated):
                if let bad = sequence.ids.first(where: { $0 < 0 || $0 >= vocabularySize }) {
                    block.failure = .idOutOfRange(
                        folder: folder, text: texts.string(at: row), id: bad, vocabularySize: vocabularySize)
                    return block
                }
                block.ids += sequence.ids
                block.lengths.append(Int32(sequence.ids.count))
                block.digests.append(SequenceDigest.of(sequence, dense: dense))
                block.pooled.append(PooledPositions(sequence))
                if truncated { block.truncated += 1 }
            case .empty: block.lengths.append(Block.empty)
            case .separatorInside: block.lengths.append(Block.separator)
            }
        }
        return block
    }

    /// The rows of a collection as blocks are added to it.
    private struct Rows {
        /// Of each row, its text and its sequence.
        var texts: [UInt32] = []
        var sequences: [UInt32] = []
        var skipped: [String: Int]
        var truncated = 0
        private var nextText: UInt32 = 0

        init(_ input: CollectionInput) {
            skipped = input.leftOut
            texts.reserveCapacity(input.texts.count)
            sequences.reserveCapacity(input.texts.count)
        }

        mutating func append(_ block: Block, to pool: inout SequencePool) throws {
            if let failure = block.failure { throw failure }
            truncated += block.truncated
            var firstId = 0
            var sequence = 0
            for length in block.lengths {
                switch length {
                case Block.empty: skipped["empty", default: 0] += 1
                case Block.separator: skipped["separator", default: 0] += 1
                default:
                    let ids = block.ids[firstId..<(firstId + Int(length))]
                    let position = pool.insert(ids: ids, block.pooled[sequence], digest: block.digests[sequence])
                    sequences.append(UInt32(position))
                    texts.append(nextText)
                    firstId += Int(length)
                    sequence += 1
                }
                nextText += 1
            }
        }
    }
}
