/// The best segmentation under a unigram language model (Viterbi), in double precision as Hugging Face's.
/// - Source: Hugging Face `tokenizers`, model `Unigram`, `encode_optimized`.
struct UnigramModel: Sendable {
    private let trie: PieceTrie
    /// Log probability by id.
    private let scores: [Double]
    let unknown: Int32
    var pieceCount: Int { scores.count }
    private let unknownScore: Double
    /// Ids of "<0x00>" to "<0xFF>" that stand for the bytes of unknown characters; empty without byte fallback.
    private let byteIds: [Int32?]

    /// - Parameters:
    ///   - pieces: with scores, ids in order from 0; of equal ones the last counts.
    ///   - fallsBackToBytes: whether unknown characters become pieces of their bytes, where these are all there.
    /// - Throws: `TokenizerError` for too large a vocabulary.
    init(_ pieces: PieceList, unknown: Int32, fallsBackToBytes: Bool = false, file: String) throws {
        precondition(pieces.scores.count == pieces.count && Int(unknown) < pieces.count)
        let trie = try PieceTrie(pieces, file: file)
        byteIds = fallsBackToBytes ? ByteFallback.ids { trie.value(of: $0) } : []
        self.trie = trie
        scores = pieces.scores
        self.unknown = unknown
        unknownScore = (pieces.scores.min() ?? 0) - 10
    }

    /// What is known of the best way to each byte of a word; kept between words to save allocations.
    struct Lattice {
        fileprivate var scores: [Double] = []
        /// Where the last piece on the best way begins; -1 when nothing leads here.
        fileprivate var starts: [Int32] = []
        fileprivate var ids: [Int32] = []

        fileprivate mutating func reset(_ count: Int) {
            if scores.count < count {
                scores = [Double](repeating: 0, count: 2 * count)
                starts = [Int32](repeating: -1, count: 2 * count)
                ids = [Int32](repeating: 0, count: 2 * count)
            }
            for index in 0..<count { starts[index] = -1 }
            scores[0] = 0
        }
    }

    /// Appends the ids of a word (valid UTF-8); neighbouring unknown characters are one unknown token.
    func append(word: UnsafeBufferPointer<UInt8>, lattice: inout Lattice, to ids: inout [Int32]) {
        precondition(word.count < Int32.max)
        lattice.reset(word.count + 1)
        trie.withReader { reader in
            scores.withUnsafeBufferPointer { scores in
                lattice.scores.withUnsafeMutableBufferPointer { best in
                    lattice.starts.withUnsafeMutableBufferPointer { starts in
                        lattice.ids.withUnsafeMutableBufferPointer { lastIds in
                            fill(word, reader, scores, best, starts, lastIds)
                        }
                    }
                }
            }
        }
        let first = ids.count
        var end = word.count
        while end > 0 {
            let id = lattice.ids[end]
            let last = end
            end = Int(lattice.starts[end])
            if id == unknown {
                // Walking backwards, an unknown token takes in the unknown ones before it.
                while end > 0 && lattice.ids[end] == unknown { end = Int(lattice.starts[end]) }
                appendUnknown(UnsafeBufferPointer(rebasing: word[end..<last]), reversedTo: &ids)
            } else {
                ids.append(id)
            }
        }
        ids[first...].reverse()
    }

    /// Appends, last one first, what stands for a run of unknown characters.
    func appendUnknown(_ text: UnsafeBufferPointer<UInt8>, reversedTo ids: inout [Int32]) {
        if byteIds.isEmpty { return ids.append(unknown) }
        // The unknown token's own string is a piece like another.
        if let id = trie.value(of: text) { return ids.append(id) }
        guard text.allSatisfy({ byteIds[Int($0)] != nil }) else { return ids.append(unknown) }
        for byte in text.reversed() { if let id = byteIds[Int(byte)] { ids.append(id) } }
    }

    func id(of piece: [UInt8]) -> Int32? { trie.value(of: piece) }

    func pieces(of ids: Set<Int32>) -> [Int32: [UInt8]] { trie.pieces(of: ids) }

    @inline(__always)
    private func fill(
        _ word: UnsafeBufferPointer<UInt8>, _ trie: PieceTrie.Reader, _ scores: UnsafeBufferPointer<Double>,
        _ best: UnsafeMutableBufferPointer<Double>, _ starts: UnsafeMutableBufferPointer<Int32>,
        _ ids: UnsafeMutableBufferPointer<Int32>
    ) {
        forEachPiece(in: word, trie, scores) { start, end, id, score in
            let total = score + best[start]
            if starts[end] < 0 || total > best[end] {
                best[end] = total
                starts[end] = Int32(truncatingIfNeeded: start)
                ids[end] = id
            }
        }
    }

    /// Hands out every piece at every place of a word, in the order of their starts, then their lengths; the unknown
    /// token for characters that are no piece.
    /// - Parameter take: start, end, id, log probability.
    func forEachPiece(
        in word: UnsafeBufferPointer<UInt8>, _ take: (_ start: Int, _ end: Int, _ id: Int32, _ score: Double) -> Void
    ) {
        trie.withReader { reader in
            scores.withUnsafeBufferPointer { scores in forEachPiece(in: word, reader, scores, take) }
        }
    }

    @inline(__always)
    private func forEachPiece(
        in word: UnsafeBufferPointer<UInt8>, _ trie: PieceTrie.Reader, _ scores: UnsafeBufferPointer<Double>,
        _ take: (_ start: Int, _ end: Int, _ id: Int32, _ score: Double) -> Void
    ) {
        var start = 0
        while start < word.count {
            let byte = word[start]
            let next = min(start + (byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4), word.count)
            var hasSingle = false
            var node = PieceTrie.root
            var position = start
            while position < word.count {
                node = trie.child(of: node, word[position])
                if node == 0 { break }
                position += 1
                let id = trie.value(at: node)
                if id != PieceTrie.noValue {
                    take(start, position, id, scores[Int(id)])
                    if position == next { hasSingle = true }
                }
            }
            if !hasSingle { take(start, next, unknown, unknownScore) }
            start = next
        }
    }
}

extension UnigramModel: SegmentationModel {
    var unknownToken: Int32? { unknown }

    func append(word: UnsafeBufferPointer<UInt8>, _ scratch: inout SegmentationScratch, to ids: inout [Int32]) {
        append(word: word, lattice: &scratch.lattice, to: &ids)
    }
}
