import COniguruma

/// A regular expression as the `tokenizers` library reads it: its engine is Oniguruma, and so is ours.
///
/// Never changes after it is made; any number of threads may search with it.
final class RegularExpression: @unchecked Sendable {
    private let program: OnigRegex

    /// Longer than any pattern of a published tokenizer by far (the longest has some 600 bytes).
    static let lengthLimit = 1 << 14

    private static let isReady = co_start() == ONIG_NORMAL

    /// What Oniguruma has against a pattern.
    struct Fault: Error {
        let reason: String
    }

    /// - Throws: `Fault` for a pattern Oniguruma cannot read, or one longer than `lengthLimit`.
    init(_ pattern: String) throws {
        let bytes = Array(pattern.utf8)
        guard bytes.count <= Self.lengthLimit else {
            throw Fault(reason: "it has \(bytes.count) bytes, more than \(Self.lengthLimit)")
        }
        guard Self.isReady else { throw Fault(reason: "Oniguruma cannot be started") }
        var made: OnigRegex?
        var message = [UInt8](repeating: 0, count: Int(ONIG_MAX_ERROR_MESSAGE_LEN) + 1)
        let status = (bytes + [0]).withUnsafeBufferPointer { terminated in
            guard let start = terminated.baseAddress else { return ONIG_NO_SUPPORT_CONFIG }
            return co_new(&made, start, start + bytes.count, &message)
        }
        guard status == ONIG_NORMAL, let made else {
            throw Fault(reason: UTF8Text.string(message.prefix { $0 != 0 }))
        }
        program = made
    }

    deinit { onig_free(program) }

    /// Hands out the matches from left to right, as the library walks them: none is empty right behind another one.
    ///
    /// A search that Oniguruma gives up (a pattern that backtracks for ever) ends the matches.
    /// - Parameter text: valid UTF-8; an empty one has no matches.
    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ take: (Range<Int>) -> Void) {
        guard !text.isEmpty, let start = text.baseAddress, let region = onig_region_new() else { return }
        let end = start + text.count
        defer { onig_region_free(region, 1) }
        var position = 0
        var skipsEmpty = false
        while position <= text.count {
            guard onig_search(program, start, end, start + position, end, region, ONIG_OPTION_NONE) >= 0 else { return }
            let match = Int(region.pointee.beg[0])..<Int(region.pointee.end[0])
            position = match.upperBound
            if match.isEmpty {
                if position < text.count { _ = UTF8Text.next(text, &position) } else { position += 1 }
                if skipsEmpty {
                    skipsEmpty = false
                    continue
                }
            } else {
                skipsEmpty = true
            }
            take(match)
        }
    }
}
