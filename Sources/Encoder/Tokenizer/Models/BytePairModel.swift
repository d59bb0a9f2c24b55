/// Byte-pair encoding: characters, then the merge of the lowest rank anywhere in the word, again and again.
/// - Source: Sennrich, Haddow and Birch 2016; Hugging Face `tokenizers`, model `BPE` (`Word::merge_all`).
struct BytePairModel: Sendable {
    struct Settings: Sendable {
        var unknownToken: String?
        /// In front of every character but a word's first, and behind its last one.
        var continuingPrefix: [UInt8] = []
        var endSuffix: [UInt8] = []
        /// Whether neighbouring unknown characters are one token.
        var fusesUnknown = false
        /// Whether unknown characters become pieces of their bytes, where these are all there.
        var fallsBackToBytes = false
        /// Whether a word that is a piece as a whole is that piece.
        var ignoresMerges = false
    }

    private let trie: PieceTrie
    private let merges: MergeTable
    private let settings: Settings
    private let byteIds: [Int32?]
    let unknownToken: Int32?
    var pieceCount: Int { trie.pieceCount }

    /// - Parameters:
    ///   - pieces: of equal ones the last counts.
    ///   - merges: pairs of pieces, two entries each, the most important one first.
    /// - Throws: `TokenizerError` for a merge of or to something that is no piece, a missing unknown token, or too
    ///   large a vocabulary.
    init(_ pieces: PieceList, merges pairs: PieceList, settings: Settings, file: String) throws {
        precondition(pairs.count % 2 == 0)
        let trie = try PieceTrie(pieces, file: file)
        var merges = MergeTable(capacity: pairs.count / 2)
        let prefix = settings.continuingPrefix.count
        var word: [UInt8] = []
        for rank in 0..<(pairs.count / 2) {
            let (first, second) = (pairs[2 * rank], pairs[2 * rank + 1])
            word.removeAll(keepingCapacity: true)
            word.append(contentsOf: first)
            word.append(contentsOf: second.dropFirst(prefix))
            func id(_ piece: some Collection<UInt8>) throws -> Int32 {
                guard let id = trie.value(of: piece) else {
                    throw TokenizerError.malformed(
                        file: file, place: "merge \(rank)", expected: "pieces of the vocabulary",
                        found: "'\(UTF8Text.string(piece))'")
                }
                return id
            }
            merges.insert(try id(first), try id(second), merged: try id(word), rank: UInt32(rank))
        }
        if let token = settings.unknownToken {
            guard let id = trie.value(of: token.utf8) else {
                throw TokenizerError.missingToken(file: file, token: token)
            }
            unknownToken = id
        } else {
            unknownToken = nil
        }
        byteIds = settings.fallsBackToBytes ? ByteFallback.ids { trie.value(of: $0) } : []
        self.trie = trie
        self.merges = merges
        self.settings = settings
    }

    /// A word on its way from characters to pieces: a list of symbols, and the merges that could be next.
    struct Symbols {
        fileprivate struct Symbol {
            var id: Int32
            /// Neighbours; -1 at the ends.
            var previous: Int32
            var next: Int32
            var isGone = false
        }

        fileprivate var symbols: [Symbol] = []
        /// A binary heap of rank << 32 | place: the lowest rank first, the leftmost of equal ones.
        fileprivate var queue: [UInt64] = []
        fileprivate var skipped: [UInt64] = []

        fileprivate mutating func begin() {
            symbols.removeAll(keepingCapacity: true)
            queue.removeAll(keepingCapacity: true)
            skipped.removeAll(keepingCapacity: true)
        }

        fileprivate mutating func add(_ id: Int32) {
            let place = Int32(truncatingIfNeeded: symbols.count)
            if place > 0 { symbols[Int(place) - 1].next = place }
            symbols.append(Symbol(id: id, previous: place - 1, next: -1))
        }

        fileprivate mutating func push(_ entry: UInt64) {
            queue.append(entry)
            var child = queue.count - 1
            while child > 0 {
                let parent = (child - 1) / 2
                if queue[parent] <= queue[child] { break }
                queue.swapAt(parent, child)
                child = parent
            }
        }

        fileprivate mutating func pop() -> UInt64? {
            guard let top = queue.first else { return nil }
            let last = queue.removeLast()
            if queue.isEmpty { return top }
            queue[0] = last
            var parent = 0
            while true {
                var child = 2 * parent + 1
                if child >= queue.count { break }
                if child + 1 < queue.count && queue[child + 1] < queue[child] { child += 1 }
                if queue[parent] <= queue[child] { break }
                queue.swapAt(parent, child)
                parent = child
            }
            return top
        }
    }

    private func split(_ word: UnsafeBufferPointer<UInt8>, _ symbols: inout Symbols) {
        let isPlain = settings.continuingPrefix.isEmpty && settings.endSuffix.isEmpty
        var pending = 0
        var position = 0
        while position < word.count {
            let start = position
            _ = UTF8Text.next(word, &position)
            var id: Int32?
            if isPlain {
                id = trie.value(of: word[start..<position])
            } else {
                id = trie.value(of: marked(word[start..<position], isFirst: start == 0, isLast: position == word.count))
            }
            if let id {
                flush(&pending, &symbols)
                symbols.add(id)
                continue
            }
            if !byteIds.isEmpty {
                let bytes = marked(word[start..<position], isFirst: start == 0, isLast: position == word.count)
                if bytes.allSatisfy({ byteIds[Int($0)] != nil }) {
                    // As in the library, unknown characters that wait stay behind these bytes.
                    for byte in bytes { if let id = byteIds[Int(byte)] { symbols.add(id) } }
                    continue
                }
            }
            if unknownToken == nil { continue }
            if pending > 0 && !settings.fusesUnknown { flush(&pending, &symbols) }
            pending += 1
        }
        flush(&pending, &symbols)
    }

    private func flush(_ pending: inout Int, _ symbols: inout Symbols) {
        if pending > 0, let unknownToken { symbols.add(unknownToken) }
        pending = 0
    }

    private func marked(
        _ character: Slice<UnsafeBufferPointer<UInt8>>, isFirst: Bool, isLast: Bool
    ) -> [UInt8] {
        (isFirst ? [] : settings.continuingPrefix) + character + (isLast ? settings.endSuffix : [])
    }

    /// - Parameter skips: asked before every merge; one that is skipped is tried again after the next one that is not.
    @inline(__always)
    private func merge(_ state: inout Symbols, skips: () -> Bool) {
        func consider(_ place: Int32, _ state: inout Symbols) {
            let symbol = state.symbols[Int(place)]
            guard symbol.next >= 0,
                let merge = merges.find(symbol.id, state.symbols[Int(symbol.next)].id)
            else { return }
            state.push(UInt64(merge.rank) << 32 | UInt64(place))
        }
        for place in state.symbols.indices.dropLast() { consider(Int32(truncatingIfNeeded: place), &state) }
        while let top = state.pop() {
            if skips() {
                state.skipped.append(top)
                continue
            }
            while let entry = state.skipped.popLast() { state.push(entry) }
            let place = Int(top & 0xFFFF_FFFF)
            let symbol = state.symbols[place]
            if symbol.isGone || symbol.next < 0 { continue }
            let right = state.symbols[Int(symbol.next)]
            // What was queued may have merged with something else meanwhile.
            guard let merge = merges.find(symbol.id, right.id),
                merge.merged == merges.merged(byRank: UInt32(top >> 32))
            else { continue }
            state.symbols[Int(symbol.next)].isGone = true
            state.symbols[place].id = merge.merged
            state.symbols[place].next = right.next
            if right.next >= 0 { state.symbols[Int(right.next)].previous = Int32(truncatingIfNeeded: place) }
            if symbol.previous >= 0 { consider(symbol.previous, &state) }
            consider(Int32(truncatingIfNeeded: place), &state)
        }
    }

    private func append(_ state: Symbols, to ids: inout [Int32]) {
        for symbol in state.symbols where !symbol.isGone { ids.append(symbol.id) }
    }
}

extension BytePairModel: SegmentationModel {
    func id(of piece: [UInt8]) -> Int32? { trie.value(of: piece) }

    func pieces(of ids: Set<Int32>) -> [Int32: [UInt8]] { trie.pieces(of: ids) }

    func append(word: UnsafeBufferPointer<UInt8>, _ scratch: inout SegmentationScratch, to ids: inout [Int32]) {
        if settings.ignoresMerges, let id = trie.value(of: word) { return ids.append(id) }
        scratch.symbols.begin()
        split(word, &scratch.symbols)
        merge(&scratch.symbols) { false }
        append(scratch.symbols, to: &ids)
    }

    /// BPE-dropout: merges are dropped by chance.
    /// - Source: Provilkov, Emelianenko and Voita 2020.
    func append(
        word: UnsafeBufferPointer<UInt8>, dropping: inout PieceDropout, _ scratch: inout SegmentationScratch,
        to ids: inout [Int32]
    ) {
        scratch.symbols.begin()
        split(word, &scratch.symbols)
        merge(&scratch.symbols) { dropping.drops() }
        append(scratch.symbols, to: &ids)
    }
}
