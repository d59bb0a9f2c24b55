import Files

/// XLM-R's tokenizer: map characters, split at white space, mark the beginning of words, segment by a unigram model.
final class UnigramTokenizer: Tokenizer {
    /// "▁", the mark of a word's beginning.
    private static let mark: [UInt8] = [0xE2, 0x96, 0x81]

    let vocabularySize: Int
    let specialTokens: SpecialTokens
    private let characterMap: CharacterMap
    private let spacing: Spacing
    private let model: UnigramModel
    private let addedTokens: AddedTokens

    /// What becomes of white space between words.
    enum Spacing: Hashable, Sendable {
        /// Words are what stands between white space (`WhitespaceSplit`, then `Metaspace`).
        case split
        /// Every space is a mark of its own (`Metaspace` alone); `collapsing`: several in a row are one.
        case marked(collapsing: Bool)
    }

    init(
        vocabularySize: Int, specialTokens: SpecialTokens, characterMap: CharacterMap, spacing: Spacing = .split,
        model: UnigramModel, addedTokens: [AddedToken]
    ) {
        self.spacing = spacing
        self.vocabularySize = vocabularySize
        self.specialTokens = specialTokens
        self.characterMap = characterMap
        self.model = model
        self.addedTokens = AddedTokens(addedTokens) { content in
            var normalized: [UInt8] = []
            content.withUnsafeBufferPointer { Self.normalize($0, characterMap, spacing, into: &normalized) }
            return normalized
        }
    }

    /// Buffers of one call.
    private struct Scratch {
        var normalized: [UInt8] = []
        var word: [UInt8] = []
        var lattice = UnigramModel.Lattice()
    }

    func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
        if UTF8Validation.firstInvalidOffset(in: utf8) != nil {
            var repaired = UTF8Text.string(utf8)
            return repaired.withUTF8 { appendSubwords(utf8: $0, to: &ids) }
        }
        var scratch = Scratch()
        addedTokens.raw.split(utf8) { part in
            switch part {
            case .token(let id): ids.append(id)
            case .text(let text): append(text, &scratch, to: &ids)
            }
        }
    }

    private func append(_ text: UnsafeBufferPointer<UInt8>, _ scratch: inout Scratch, to ids: inout [Int32]) {
        scratch.normalized.removeAll(keepingCapacity: true)
        Self.normalize(text, characterMap, spacing, into: &scratch.normalized)
        let normalized = scratch.normalized
        normalized.withUnsafeBufferPointer { normalized in
            addedTokens.normalized.split(normalized) { part in
                switch part {
                case .token(let id): ids.append(id)
                case .text(let text): appendWords(text, &scratch, to: &ids)
                }
            }
        }
    }

    private static func normalize(
        _ text: UnsafeBufferPointer<UInt8>, _ characterMap: CharacterMap, _ spacing: Spacing,
        into normalized: inout [UInt8]
    ) {
        characterMap.normalize(text, into: &normalized)
        guard spacing == .marked(collapsing: true) else { return }
        var previous: UInt8 = 0
        normalized.removeAll { byte in
            defer { previous = byte }
            return byte == 0x20 && previous == 0x20
        }
    }

    private func appendWords(_ text: UnsafeBufferPointer<UInt8>, _ scratch: inout Scratch, to ids: inout [Int32]) {
        if case .marked = spacing { return appendMarked(text, &scratch, to: &ids) }
        let flags = UnicodeTables.shared.flags
        var position = 0
        var start = 0
        while position < text.count {
            let end = position
            let isSpace = flags[UTF8Text.next(text, &position)].contains(.space)
            if isSpace {
                appendWord(text[start..<end], &scratch, to: &ids)
                start = position
            }
        }
        appendWord(text[start...], &scratch, to: &ids)
    }

    private func appendMarked(_ text: UnsafeBufferPointer<UInt8>, _ scratch: inout Scratch, to ids: inout [Int32]) {
        var marked: [UInt8] = []
        marked.reserveCapacity(text.count + 16)
        for byte in text {
            if byte == 0x20 { marked.append(contentsOf: Self.mark) } else { marked.append(byte) }
        }
        marked.withUnsafeBufferPointer { appendWord($0[...], &scratch, to: &ids) }
    }

    /// A word gets a mark in front unless it has one, and is cut before every further mark.
    private func appendWord(
        _ word: Slice<UnsafeBufferPointer<UInt8>>, _ scratch: inout Scratch, to ids: inout [Int32]
    ) {
        if word.isEmpty { return }
        scratch.word.removeAll(keepingCapacity: true)
        if !word.starts(with: Self.mark) { scratch.word.append(contentsOf: Self.mark) }
        scratch.word.append(contentsOf: word)
        let marked = scratch.word
        marked.withUnsafeBufferPointer { marked in
            var start = 0
            for position in 1..<marked.count
            where marked[position] == Self.mark[0] && marked[position...].starts(with: Self.mark) {
                model.append(word: marked[start..<position], lattice: &scratch.lattice, to: &ids)
                start = position
            }
            model.append(word: marked[start...], lattice: &scratch.lattice, to: &ids)
        }
    }
}
