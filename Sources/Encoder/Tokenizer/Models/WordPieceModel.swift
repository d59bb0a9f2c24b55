/// Greedy longest-match-first segmentation of one word into pieces.
///
/// Words are collections of bytes whose indices begin with 0.
/// - Source: Hugging Face `tokenizers`, model `WordPiece`.
struct WordPieceModel: Sendable {
    private let trie: PieceTrie
    private let continuationRoot: UInt32
    private let prefix: [UInt8]
    let unknown: Int32
    let pieceCount: Int
    /// Longer words (in scalars) are unknown.
    let characterLimit: Int

    /// - Parameters:
    ///   - pieces: of equal ones the last counts; an empty piece keeps its id and never matches.
    ///   - prefix: what marks a piece that continues a word, "##".
    ///   - isolatesPunctuation: whether punctuation is always a word by itself, so that no word begins with "##".
    /// - Throws: `TokenizerError` for a missing unknown token or too large a vocabulary.
    init(
        _ pieces: PieceList, unknownToken: String, prefix: String, characterLimit: Int, isolatesPunctuation: Bool,
        file: String
    ) throws {
        var trie = PieceTrie(byteCount: pieces.bytes.count)
        let continuationRoot = trie.addRoot()
        let prefix = Array(prefix.utf8)
        let neverBegins =
            isolatesPunctuation && prefix.first.map { UnicodeTables.shared.flags[UInt32($0)] == .punctuation } ?? false
        var unknown: Int32?
        var different = 0
        for index in 0..<pieces.count {
            let piece = pieces[index]
            let id = pieces.ids[index]
            let continues = piece.count > prefix.count && piece.starts(with: prefix)
            if piece.isEmpty {
                if !trie.holdsEmptyPiece { different += 1 }
                trie.holdsEmptyPiece = true
                continue
            }
            if piece.elementsEqual(unknownToken.utf8) { unknown = id }
            var previous = PieceTrie.noValue as Int32?
            if continues {
                previous = trie.insert(piece.dropFirst(prefix.count), from: continuationRoot, value: id)
            }
            if previous != nil && !(continues && neverBegins) {
                previous = trie.insert(piece, from: PieceTrie.root, value: id)
            }
            if previous == PieceTrie.noValue { different += 1 }
            guard previous != nil else {
                throw TokenizerError.tooLarge(
                    file: file, what: "the number of different beginnings of pieces", size: UInt64(trie.nodeCount),
                    limit: UInt64(PieceTrie.nodeLimit))
            }
        }
        guard let unknown else { throw TokenizerError.missingToken(file: file, token: unknownToken) }
        pieceCount = different
        self.prefix = prefix
        self.trie = trie
        self.continuationRoot = continuationRoot
        self.unknown = unknown
        self.characterLimit = characterLimit
    }

    func id(of piece: [UInt8]) -> Int32? {
        trie.withReader { reader in
            if let id = reader.value(of: piece) { return id }
            guard piece.count > prefix.count && piece.starts(with: prefix) else { return nil }
            return reader.value(of: piece.dropFirst(prefix.count), from: continuationRoot)
        }
    }

    func pieces(of ids: Set<Int32>) -> [Int32: [UInt8]] {
        trie.pieces(of: ids, roots: [PieceTrie.root: [], continuationRoot: prefix])
    }

    func withMatcher<Result>(_ body: (Matcher) throws -> Result) rethrows -> Result {
        try trie.withReader { try body(Matcher(trie: $0, model: self)) }
    }

    /// The model during a lookup; must not leave `withMatcher`.
    struct Matcher {
        fileprivate let trie: PieceTrie.Reader
        fileprivate let continuationRoot: UInt32
        fileprivate let unknown: Int32

        fileprivate init(trie: PieceTrie.Reader, model: WordPieceModel) {
            self.trie = trie
            continuationRoot = model.continuationRoot
            unknown = model.unknown
        }

        /// Appends the pieces of a word, or the unknown token when some part of it is no piece.
        func append<Word: RandomAccessCollection<UInt8>>(word: Word, to ids: inout [Int32]) where Word.Index == Int {
            if !append(word: word, to: &ids, isDropped: { false }) { ids.append(unknown) }
        }

        /// As above with pieces dropped by chance; when they lead to a part that is no piece, without.
        func append<Word: RandomAccessCollection<UInt8>>(
            word: Word, dropping: inout PieceDropout, to ids: inout [Int32]
        ) where Word.Index == Int {
            if !append(word: word, to: &ids, isDropped: { dropping.drops() }) { append(word: word, to: &ids) }
        }

        /// - Parameter isDropped: asked for every piece but the shortest at a place.
        /// - Returns: false, and nothing is appended, when some part of the word is no piece.
        @inline(__always)
        private func append<Word: RandomAccessCollection<UInt8>>(
            word: Word, to ids: inout [Int32], isDropped: () -> Bool
        ) -> Bool where Word.Index == Int {
            let first = ids.count
            var start = 0
            while start < word.count {
                var node = start == 0 ? PieceTrie.root : continuationRoot
                var position = start
                var end = start
                var id = PieceTrie.noValue
                while position < word.count {
                    node = trie.child(of: node, word[position])
                    if node == 0 { break }
                    position += 1
                    let value = trie.value(at: node)
                    if value != PieceTrie.noValue && (id == PieceTrie.noValue || !isDropped()) {
                        id = value
                        end = position
                    }
                }
                if id == PieceTrie.noValue {
                    ids.removeSubrange(first...)
                    return false
                }
                ids.append(id)
                start = end
            }
            return true
        }
    }
}

extension WordPieceModel: SegmentationModel {
    var unknownToken: Int32? { unknown }

    func append(word: UnsafeBufferPointer<UInt8>, _ scratch: inout SegmentationScratch, to ids: inout [Int32]) {
        if isTooLong(word) { return ids.append(unknown) }
        withMatcher { $0.append(word: word, to: &ids) }
    }

    func append(
        word: UnsafeBufferPointer<UInt8>, dropping: inout PieceDropout, _ scratch: inout SegmentationScratch,
        to ids: inout [Int32]
    ) {
        if isTooLong(word) { return ids.append(unknown) }
        withMatcher { $0.append(word: word, dropping: &dropping, to: &ids) }
    }

    private func isTooLong(_ word: UnsafeBufferPointer<UInt8>) -> Bool {
        word.count > characterLimit && word.count(where: { $0 & 0xC0 != 0x80 }) > characterLimit
    }
}
