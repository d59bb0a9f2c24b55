import Files
import Synchronization

/// A tokenizer of any steps: added tokens are found, the rest is normalised, cut in parts and turned into pieces.
/// - Source: Hugging Face `tokenizers`, `TokenizerImpl::encode_single_sequence`.
final class PipelineTokenizer: PieceDroppingTokenizer {
    let vocabularySize: Int
    let specialTokens: SpecialTokens
    private let normalizers: [any Normalizer]
    /// Whether one of them is a `Lowercase` that stands alone or right in the outermost `Sequence`.
    private let hasLowercase: Bool
    private let preTokenizers: [any PreTokenizer]
    private let model: any SegmentationModel
    private let addedTokens: AddedTokens
    /// Buffers of calls that are over, one for each that ran at the same time.
    private let idle = Mutex<[Scratch]>([])

    init(
        vocabularySize: Int, specialTokens: SpecialTokens, normalizers: [any Normalizer], hasLowercase: Bool,
        preTokenizers: [any PreTokenizer], model: any SegmentationModel, addedTokens: [AddedToken]
    ) {
        self.vocabularySize = vocabularySize
        self.specialTokens = specialTokens
        self.normalizers = normalizers
        self.hasLowercase = hasLowercase
        self.preTokenizers = preTokenizers
        self.model = model
        self.addedTokens = AddedTokens(addedTokens) { content in
            var text = NormalizedText(content)
            for normalizer in normalizers { normalizer.normalize(&text) }
            return text.bytes
        }
    }

    /// Buffers of one call.
    private struct Scratch {
        var normalized = NormalizedText()
        var parts = PreTokenizedText()
        var model = SegmentationScratch()
        var dropout: PieceDropout?
    }

    func pieces(of ids: [Int32]) -> [String?] { addedTokens.pieces(of: ids, otherwise: model) }

    func lowercasing() -> any Tokenizer {
        hasLowercase
            ? self
            : PipelineTokenizer(
                vocabularySize: vocabularySize, specialTokens: specialTokens,
                normalizers: [LowercaseNormalizer()] + normalizers, hasLowercase: true, preTokenizers: preTokenizers,
                model: model, addedTokens: addedTokens.all)
    }

    func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
        withScratch { append(utf8, &$0, to: &ids) }
    }

    func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, dropping: inout PieceDropout, to ids: inout [Int32]) {
        withScratch { scratch in
            scratch.dropout = dropping
            append(utf8, &scratch, to: &ids)
            if let dropout = scratch.dropout { dropping = dropout }
            scratch.dropout = nil
        }
    }

    private func withScratch(_ body: (inout Scratch) -> Void) {
        var scratch = idle.withLock { $0.popLast() } ?? Scratch()
        body(&scratch)
        // One that grew for a very long text is not kept.
        if scratch.parts.bytes.count < 1 << 16 { idle.withLock { $0.append(scratch) } }
    }

    private func append(_ utf8: UnsafeBufferPointer<UInt8>, _ scratch: inout Scratch, to ids: inout [Int32]) {
        if UTF8Validation.firstInvalidOffset(in: utf8) != nil {
            var repaired = UTF8Text.string(utf8)
            return repaired.withUTF8 { append($0, &scratch, to: &ids) }
        }
        var isFirst = true
        addedTokens.raw.split(utf8) { part in
            switch part {
            case .token(let id): ids.append(id)
            case .text(let text): appendText(text, isFirst: isFirst, &scratch, to: &ids)
            }
            isFirst = false
        }
    }

    private func appendText(
        _ text: UnsafeBufferPointer<UInt8>, isFirst: Bool, _ scratch: inout Scratch, to ids: inout [Int32]
    ) {
        scratch.normalized.begin(text, isFirst: isFirst)
        for normalizer in normalizers { normalizer.normalize(&scratch.normalized) }
        let normalized = scratch.normalized.bytes
        var isFirst = scratch.normalized.isFirst
        normalized.withUnsafeBufferPointer { normalized in
            addedTokens.normalized.split(normalized) { part in
                switch part {
                case .token(let id): ids.append(id)
                case .text(let text): appendParts(text, isFirst: isFirst, &scratch, to: &ids)
                }
                isFirst = false
            }
        }
    }

    private func appendParts(
        _ text: UnsafeBufferPointer<UInt8>, isFirst: Bool, _ scratch: inout Scratch, to ids: inout [Int32]
    ) {
        scratch.parts.begin(text, isFirst: isFirst)
        for preTokenizer in preTokenizers { preTokenizer.cut(&scratch.parts) }
        let bytes = scratch.parts.bytes
        bytes.withUnsafeBufferPointer { bytes in
            for part in scratch.parts.parts {
                let word = UnsafeBufferPointer(rebasing: bytes[part.range])
                if scratch.dropout == nil {
                    model.append(word: word, &scratch.model, to: &ids)
                } else {
                    model.append(word: word, dropping: &scratch.dropout!, &scratch.model, to: &ids)
                }
            }
        }
    }
}
