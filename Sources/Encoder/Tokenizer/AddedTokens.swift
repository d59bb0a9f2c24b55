/// A token that is found in the text as a string, before the model sees the rest ("[SEP]", "</s>").
struct AddedToken: Hashable, Sendable {
    var id: Int32
    var content: String
    /// Only where no word character stands next to it.
    var isSingleWord = false
    /// Takes white space before it, after it, along.
    var stripsLeft = false
    var stripsRight = false
    /// Looked for in the normalised text instead of the text as it is.
    var isNormalized = false
}

/// Finds added tokens in a text: leftmost first, the longest of those that start there.
/// - Source: Hugging Face `tokenizers`, `AddedVocabulary`.
struct AddedTokens: Sendable {
    /// Matched against the text as it is (special tokens).
    let raw: Finder
    /// Matched against normalised text, themselves normalised.
    let normalized: Finder

    init(_ tokens: [AddedToken], normalize: ([UInt8]) -> [UInt8]) {
        raw = Finder(tokens.filter { !$0.isNormalized }.map { ($0, Array($0.content.utf8)) })
        normalized = Finder(tokens.filter { $0.isNormalized }.map { ($0, normalize(Array($0.content.utf8))) })
    }

    /// All of them that can be found in a text.
    var all: [AddedToken] { raw.tokens + normalized.tokens }

    /// Added tokens by their content, others by the model's piece.
    func pieces(of ids: [Int32], otherwise model: some SegmentationModel) -> [String?] {
        var added: [Int32: String] = [:]
        for token in all { added[token.id] = token.content }
        let pieces = model.pieces(of: Set(ids).filter { added[$0] == nil })
        return ids.map { id in added[id] ?? pieces[id].map { UTF8Text.string($0) } }
    }

    enum Part {
        case text(UnsafeBufferPointer<UInt8>)
        case token(Int32)
    }

    struct Finder: Sendable {
        fileprivate let tokens: [AddedToken]
        /// Index of the token whose string ends at a node.
        private let trie: PieceTrie
        /// Whether a token begins with this byte.
        private let begins: [Bool]

        fileprivate init(_ tokens: [(token: AddedToken, bytes: [UInt8])]) {
            var trie = PieceTrie(byteCount: 0)
            var kept: [AddedToken] = []
            var begins = [Bool](repeating: false, count: 256)
            for (token, bytes) in tokens where !bytes.isEmpty {
                // Beyond the trie's limit of 16 million nodes there is no file: TokenizerFile has a limit below it.
                guard trie.insert(bytes, from: PieceTrie.root, value: Int32(kept.count)) != nil else { break }
                kept.append(token)
                begins[Int(bytes[0])] = true
            }
            self.tokens = kept
            self.trie = trie
            self.begins = begins
        }

        var isEmpty: Bool { tokens.isEmpty }

        /// Hands out the parts of a text in order; parts of text are not empty.
        @inline(__always)
        func split(_ text: UnsafeBufferPointer<UInt8>, _ take: (Part) -> Void) {
            var position = 0
            while position < text.count && !begins[Int(text[position])] { position += 1 }
            if position == text.count {
                if !text.isEmpty { take(.text(text)) }
            } else {
                splitAtTokens(text, from: position, take)
            }
        }

        private func splitAtTokens(_ text: UnsafeBufferPointer<UInt8>, from first: Int, _ take: (Part) -> Void) {
            var position = first
            var done = 0
            while position < text.count {
                guard begins[Int(text[position])],
                    let (token, length) = match(text, at: position)
                else {
                    position += 1
                    continue
                }
                var (start, end) = (position, position + length)
                position = end
                if token.isSingleWord && (Self.wordEnds(text, at: start) || Self.wordBegins(text, at: end)) { continue }
                if token.stripsLeft { start = max(Self.spaceStart(text, before: start), done) }
                if token.stripsRight { end = Self.spaceEnd(text, after: end) }
                if start > done { take(.text(UnsafeBufferPointer(rebasing: text[done..<start]))) }
                take(.token(token.id))
                done = end
            }
            if done < text.count { take(.text(UnsafeBufferPointer(rebasing: text[done...]))) }
        }

        /// The longest token that begins at a place.
        private func match(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> (AddedToken, Int)? {
            trie.withReader { reader in
                var node = PieceTrie.root
                var found: (AddedToken, Int)?
                for position in start..<text.count {
                    node = reader.child(of: node, text[position])
                    if node == 0 { break }
                    let value = reader.value(at: node)
                    if value != PieceTrie.noValue { found = (tokens[Int(value)], position + 1 - start) }
                }
                return found
            }
        }

        private static func isSpace(_ scalar: UInt32) -> Bool { UnicodeTables.shared.flags[scalar].contains(.space) }

        private static func scalar(_ text: UnsafeBufferPointer<UInt8>, before end: Int) -> (UInt32, start: Int)? {
            var start = end - 1
            while start > 0 && end - start < 4 && text[start] & 0xC0 == 0x80 { start -= 1 }
            guard start >= 0 else { return nil }
            var position = start
            return (UTF8Text.next(text, &position), start)
        }

        private static func spaceStart(_ text: UnsafeBufferPointer<UInt8>, before end: Int) -> Int {
            var end = end
            while let (value, start) = scalar(text, before: end), isSpace(value) { end = start }
            return end
        }

        private static func spaceEnd(_ text: UnsafeBufferPointer<UInt8>, after start: Int) -> Int {
            var position = start
            while position < text.count {
                var next = position
                guard isSpace(UTF8Text.next(text, &next)) else { break }
                position = next
            }
            return position
        }

        private static func isWord(_ scalar: UInt32) -> Bool { NormalizationTables.kinds[scalar].contains(.word) }

        private static func wordEnds(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
            scalar(text, before: position).map { isWord($0.0) } ?? false
        }

        private static func wordBegins(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
            var position = position
            return position < text.count && isWord(UTF8Text.next(text, &position))
        }
    }
}
