/// Greedy longest-match-first segmentation of one word into pieces.
/// - Source: Hugging Face `tokenizers`, model `WordPiece`.
struct WordPieceModel: Sendable {
    private let trie: PieceTrie
    private let continuationRoot: UInt32
    let unknown: Int32
    /// Longer words (in scalars) are unknown.
    let characterLimit: Int

    /// - Parameters:
    ///   - pieces: with distinct bytes; an empty piece keeps its id and never matches.
    ///   - prefix: what marks a piece that continues a word, "##".
    ///   - place: names an entry in an error message, by its index.
    /// - Throws: `TokenizerError` for a piece that is there twice, a missing unknown token or too large a vocabulary.
    init(
        _ pieces: PieceList, unknownToken: String, prefix: String, characterLimit: Int, file: String,
        place: (Int) -> String
    ) throws {
        var trie = PieceTrie(byteCount: pieces.bytes.count)
        let continuationRoot = trie.addRoot()
        let prefix = Array(prefix.utf8)
        // "##ing" can begin a word only if "#" does not end one; BERT's pre-tokeniser isolates ASCII punctuation.
        let prefixIsPunctuation = prefix.first.map { UnicodeTables.shared.flags[UInt32($0)] == .punctuation } ?? false
        var unknown: Int32?
        for index in 0..<pieces.count {
            let piece = pieces[index]
            let id = pieces.ids[index]
            let continues = piece.count > prefix.count && piece.starts(with: prefix)
            if piece.isEmpty { continue }
            if piece.elementsEqual(unknownToken.utf8) { unknown = id }
            var previous = PieceTrie.noValue as Int32?
            if continues {
                previous = trie.insert(piece.dropFirst(prefix.count), from: continuationRoot, value: id)
            }
            if previous == PieceTrie.noValue && !(continues && prefixIsPunctuation) {
                previous = trie.insert(piece, from: PieceTrie.root, value: id)
            }
            guard let previous else {
                throw TokenizerError.tooLarge(
                    file: file, what: "the number of different beginnings of pieces", size: UInt64(trie.nodeCount),
                    limit: UInt64(PieceTrie.nodeLimit))
            }
            if previous != PieceTrie.noValue {
                let first = pieces.ids.firstIndex(of: previous) ?? 0
                throw TokenizerError.duplicatePiece(
                    file: file, piece: pieces.text(index), first: place(first), second: place(index))
            }
        }
        guard let unknown else { throw TokenizerError.missingToken(file: file, token: unknownToken) }
        self.trie = trie
        self.continuationRoot = continuationRoot
        self.unknown = unknown
        self.characterLimit = characterLimit
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
        func append(word: [UInt8], to ids: inout [Int32]) {
            if !append(word: word, to: &ids, overlooking: { false }) { ids.append(unknown) }
        }

        /// As above with pieces overlooked by chance; when they lead to a part that is no piece, without.
        func append(word: [UInt8], dropping: inout PieceDropout, to ids: inout [Int32]) {
            if !append(word: word, to: &ids, overlooking: { dropping.overlooks() }) { append(word: word, to: &ids) }
        }

        /// - Parameter overlooking: asked for every piece but the shortest at a place.
        /// - Returns: false, and nothing is appended, when some part of the word is no piece.
        @inline(__always)
        private func append(word: [UInt8], to ids: inout [Int32], overlooking: () -> Bool) -> Bool {
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
                    if value != PieceTrie.noValue && (id == PieceTrie.noValue || !overlooking()) {
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
