/// One step that rewrites a text before it is cut.
protocol Normalizer: Sendable {
    func normalize(_ text: inout NormalizedText)
}

/// A text on its way through the normalizers: valid UTF-8.
struct NormalizedText {
    var bytes: [UInt8] = []
    /// Whether its first character is still the first one of the whole text (`Metaspace` may ask).
    var isFirst = true
    /// The buffer the next step writes to.
    private var output: [UInt8] = []

    init(_ bytes: [UInt8] = [], isFirst: Bool = true) {
        self.bytes = bytes
        self.isFirst = isFirst
    }

    /// Takes another text; buffers are kept.
    mutating func begin(_ text: UnsafeBufferPointer<UInt8>, isFirst: Bool) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: text)
        self.isFirst = isFirst
    }

    /// Replaces the text by what the body appends.
    mutating func rewrite(_ body: (UnsafeBufferPointer<UInt8>, inout [UInt8]) -> Void) {
        output.removeAll(keepingCapacity: true)
        var written = [UInt8]()
        swap(&written, &output)
        bytes.withUnsafeBufferPointer { body($0, &written) }
        output = bytes
        bytes = written
    }

    /// Replaces every scalar by what the body appends for it.
    mutating func rewriteScalars(_ body: (UInt32, inout [UInt8]) -> Void) {
        rewrite { text, output in
            var position = 0
            while position < text.count { body(UTF8Text.next(text, &position), &output) }
        }
    }

    /// Takes scalars out. What follows a removed first character is not first, as in Hugging Face's alignments.
    mutating func removeScalars(where isRemoved: (UInt32) -> Bool) {
        if isFirst, !bytes.isEmpty {
            isFirst = bytes.withUnsafeBufferPointer { text in
                var position = 0
                return !isRemoved(UTF8Text.next(text, &position))
            }
        }
        rewriteScalars { scalar, output in
            if !isRemoved(scalar) { UTF8Text.append(scalar, to: &output) }
        }
    }
}

extension BertNormalizer: Normalizer {
    func normalize(_ text: inout NormalizedText) {
        let flags = UnicodeTables.shared.flags
        if text.isFirst, !text.bytes.isEmpty {
            text.isFirst = text.bytes.withUnsafeBufferPointer { bytes in
                var position = 0
                let first = flags[UTF8Text.next(bytes, &position)]
                return !(cleansText && first.contains(.removed))
                    && !((stripsAccents ?? lowercases) && first.contains(.nonspacing))
            }
        }
        text.rewrite { bytes, output in
            var pass = Pass(self)
            pass.run(bytes) { UTF8Text.append($0, to: &output) }
        }
    }
}

extension CharacterMap: Normalizer {
    func normalize(_ text: inout NormalizedText) {
        if replacesNothing { return }
        text.rewrite { normalize($0, into: &$1) }
    }
}
