/// The best segmentation under a unigram language model (Viterbi), in double precision as Hugging Face's.
/// - Source: Hugging Face `tokenizers`, model `Unigram`, `encode_optimized`.
struct UnigramModel: Sendable {
    private let trie: PieceTrie
    /// Log probability by id.
    private let scores: [Double]
    let unknown: Int32
    private let unknownScore: Double

    /// - Parameters:
    ///   - pieces: with scores, ids in order from 0.
    ///   - place: names an entry in an error message, by its index.
    /// - Throws: `TokenizerError` for a piece that is there twice or too large a vocabulary.
    init(_ pieces: PieceList, unknown: Int32, file: String, place: (Int) -> String) throws {
        precondition(pieces.scores.count == pieces.count && Int(unknown) < pieces.count)
        var trie = PieceTrie(byteCount: pieces.bytes.count)
        for index in 0..<pieces.count where !pieces[index].isEmpty {
            guard let previous = trie.insert(pieces[index], from: PieceTrie.root, value: pieces.ids[index]) else {
                throw TokenizerError.tooLarge(
                    file: file, what: "the number of different beginnings of pieces", size: UInt64(trie.nodeCount),
                    limit: UInt64(PieceTrie.nodeLimit))
            }
            if previous != PieceTrie.noValue {
                throw TokenizerError.duplicatePiece(
                    file: file, piece: pieces.text(index), first: place(Int(previous)), second: place(index))
            }
        }
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
    func append(word: Slice<UnsafeBufferPointer<UInt8>>, lattice: inout Lattice, to ids: inout [Int32]) {
        let word = UnsafeBufferPointer(rebasing: word)
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
        var isAfterUnknown = false
        while end > 0 {
            let id = lattice.ids[end]
            // Walking backwards, an unknown token takes in the unknown ones before it.
            if !(id == unknown && isAfterUnknown) { ids.append(id) }
            isAfterUnknown = id == unknown
            end = Int(lattice.starts[end])
        }
        ids[first...].reverse()
    }

    @inline(__always)
    private func fill(
        _ word: UnsafeBufferPointer<UInt8>, _ trie: PieceTrie.Reader, _ scores: UnsafeBufferPointer<Double>,
        _ best: UnsafeMutableBufferPointer<Double>, _ starts: UnsafeMutableBufferPointer<Int32>,
        _ ids: UnsafeMutableBufferPointer<Int32>
    ) {
        func reach(_ end: Int, from start: Int, _ id: Int32, _ score: Double) {
            if starts[end] < 0 || score > best[end] {
                best[end] = score
                starts[end] = Int32(truncatingIfNeeded: start)
                ids[end] = id
            }
        }
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
                    reach(position, from: start, id, scores[Int(id)] + best[start])
                    if position == next { hasSingle = true }
                }
            }
            if !hasSingle { reach(next, from: start, unknown, unknownScore + best[start]) }
            start = next
        }
    }
}
