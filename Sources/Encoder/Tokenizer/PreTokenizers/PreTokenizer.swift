/// One step that cuts a normalised text into the parts the model sees.
protocol PreTokenizer: Sendable {
    func cut(_ text: inout PreTokenizedText)
}

/// A normalised text cut in parts: valid UTF-8, what stands between the parts is dropped.
struct PreTokenizedText {
    struct Part {
        var start: Int
        var end: Int
        /// Whether it begins with the first character of the whole text.
        var isFirst: Bool

        var range: Range<Int> { start..<end }
    }

    private(set) var bytes: [UInt8] = []
    /// In order, none empty.
    private(set) var parts: [Part] = []
    /// Buffers the next step writes to.
    private var nextBytes: [UInt8] = []
    private var nextParts: [Part] = []
    private var matches: [SplitBehavior.Match] = []

    mutating func begin(_ text: UnsafeBufferPointer<UInt8>, isFirst: Bool) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: text)
        parts.removeAll(keepingCapacity: true)
        if !text.isEmpty { parts.append(Part(start: 0, end: text.count, isFirst: isFirst)) }
    }

    /// Cuts every part at the matches the body finds in it.
    /// - Parameter find: appends the matches of a part, in order, by their places in the part.
    mutating func split(
        _ behavior: SplitBehavior, inverted: Bool = false,
        _ find: (UnsafeBufferPointer<UInt8>, (Range<Int>) -> Void) -> Void
    ) {
        var next = [Part]()
        swap(&next, &nextParts)
        next.removeAll(keepingCapacity: true)
        var matches = [SplitBehavior.Match]()
        swap(&matches, &self.matches)
        bytes.withUnsafeBufferPointer { bytes in
            for part in parts {
                matches.removeAll(keepingCapacity: true)
                let text = UnsafeBufferPointer(rebasing: bytes[part.range])
                var previous = 0
                find(text) { match in
                    if previous < match.lowerBound {
                        matches.append(.init(start: previous, end: match.lowerBound, isMatch: inverted))
                    }
                    matches.append(.init(start: match.lowerBound, end: match.upperBound, isMatch: !inverted))
                    previous = match.upperBound
                }
                if previous < text.count {
                    matches.append(.init(start: previous, end: text.count, isMatch: inverted))
                }
                behavior.apply(to: &matches)
                for match in matches where match.start < match.end {
                    next.append(
                        Part(
                            start: part.start + match.start, end: part.start + match.end,
                            isFirst: part.isFirst && match.start == 0))
                }
            }
        }
        self.matches = matches
        nextParts = parts
        parts = next
    }

    /// Cuts every part at the scalars of a kind, each a match of its own.
    mutating func split(_ behavior: SplitBehavior, at isDelimiter: (UInt32) -> Bool) {
        split(behavior) { text, take in
            var position = 0
            while position < text.count {
                let start = position
                if isDelimiter(UTF8Text.next(text, &position)) { take(start..<position) }
            }
        }
    }

    /// As `split(.removed, at:)`, without gathering matches.
    mutating func drop(at isDelimiter: (UInt32) -> Bool) {
        var next = [Part]()
        swap(&next, &nextParts)
        next.removeAll(keepingCapacity: true)
        bytes.withUnsafeBufferPointer { bytes in
            for part in parts {
                var start = part.start
                var position = part.start
                while position < part.end {
                    let before = position
                    guard isDelimiter(UTF8Text.next(bytes, &position)) else { continue }
                    if start < before {
                        next.append(Part(start: start, end: before, isFirst: part.isFirst && start == part.start))
                    }
                    start = position
                }
                if start < part.end {
                    next.append(Part(start: start, end: part.end, isFirst: part.isFirst && start == part.start))
                }
            }
        }
        nextParts = parts
        parts = next
    }

    /// Replaces every part by what the body appends for it.
    mutating func rewrite(_ body: (UnsafeBufferPointer<UInt8>, _ isFirst: Bool, inout [UInt8]) -> Void) {
        var output = [UInt8]()
        swap(&output, &nextBytes)
        output.removeAll(keepingCapacity: true)
        bytes.withUnsafeBufferPointer { bytes in
            for index in parts.indices {
                let start = output.count
                body(UnsafeBufferPointer(rebasing: bytes[parts[index].range]), parts[index].isFirst, &output)
                parts[index].start = start
                parts[index].end = output.count
            }
        }
        nextBytes = bytes
        bytes = output
        parts.removeAll { $0.start == $0.end }
    }
}

extension PreTokenizedText {
    /// Replaces every part by what the body appends for it, and cuts it at the places the body names.
    /// - Parameter body: the last parameter takes places in the output where a new part begins; the first is known.
    mutating func rewriteCutting(
        _ body: (UnsafeBufferPointer<UInt8>, _ isFirst: Bool, inout [UInt8], inout [Int]) -> Void
    ) {
        var output = [UInt8]()
        swap(&output, &nextBytes)
        output.removeAll(keepingCapacity: true)
        var next = [Part]()
        swap(&next, &nextParts)
        next.removeAll(keepingCapacity: true)
        var cuts: [Int] = []
        bytes.withUnsafeBufferPointer { bytes in
            for part in parts {
                var start = output.count
                var isFirst = part.isFirst
                cuts.removeAll(keepingCapacity: true)
                body(UnsafeBufferPointer(rebasing: bytes[part.range]), isFirst, &output, &cuts)
                for cut in cuts where cut > start {
                    next.append(Part(start: start, end: cut, isFirst: isFirst))
                    start = cut
                    isFirst = false
                }
                if start < output.count { next.append(Part(start: start, end: output.count, isFirst: isFirst)) }
            }
        }
        nextBytes = bytes
        bytes = output
        nextParts = parts
        parts = next
    }
}

/// What becomes of the text a splitting pattern matches.
enum SplitBehavior: String, Sendable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"

    struct Match {
        var start: Int
        var end: Int
        var isMatch: Bool
    }

    /// Turns matches and what lies between them, which cover a text, into parts.
    /// - Source: Hugging Face `tokenizers`, `NormalizedString::split`.
    func apply(to matches: inout [Match]) {
        switch self {
        case .isolated: break
        case .removed: matches.removeAll { $0.isMatch }
        case .contiguous: fold(&matches) { $0.isMatch == $1 }
        case .mergedWithPrevious: fold(&matches) { $0.isMatch && !$1 }
        case .mergedWithNext:
            matches.reverse()
            var previous = false
            var kept = 0
            for match in matches {
                if match.isMatch && !previous && kept > 0 {
                    matches[kept - 1].start = match.start
                } else {
                    matches[kept] = match
                    kept += 1
                }
                previous = match.isMatch
            }
            matches.removeLast(matches.count - kept)
            matches.reverse()
        }
    }

    /// Joins a part to the one before where the rule says so, by whether the one before was a match.
    private func fold(_ matches: inout [Match], joins: (Match, Bool) -> Bool) {
        var previous = false
        var kept = 0
        for match in matches {
            if joins(match, previous) && kept > 0 {
                matches[kept - 1].end = match.end
            } else {
                matches[kept] = match
                kept += 1
            }
            previous = match.isMatch
        }
        matches.removeLast(matches.count - kept)
    }
}
