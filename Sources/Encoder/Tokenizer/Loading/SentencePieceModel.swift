import Files

/// A SentencePiece model file: a protocol buffer message, whose pieces, scores and character map are read.
///
/// - Source: sentencepiece_model.proto (ModelProto: 1 pieces, 2 trainer_spec, 3 normalizer_spec, 4 self_test_data).
struct SentencePieceModel {
    static let fileName = "sentencepiece.bpe.model"

    enum Kind: UInt64 {
        case normal = 1, unknown, control, userDefined, unused, byte
    }

    /// In order, with log probabilities.
    private(set) var pieces = PieceList()
    private(set) var kinds: [Kind] = []
    /// The normaliser's precompiled character map; empty when text is not normalised.
    private(set) var characterMap: [UInt8] = []

    /// - Throws: `SystemFault`, `TokenizerError` for a file that is truncated, no unigram model, or one that falls back
    ///   to bytes.
    init(path: String) throws {
        let bytes = try TokenizerFile.read(path)
        try bytes.withUnsafeBufferPointer { try read($0, path: path) }
    }

    private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, path: String) throws {
        func malformed(_ place: Int) -> TokenizerError {
            .malformed(
                file: path, place: "byte \(place)", expected: "a field of a SentencePiece model",
                found: "something else or the end of the file")
        }
        var hasTrainer = false
        var hasNormalizer = false
        var fields = ProtobufFields(bytes, in: 0..<bytes.count)
        while let field = fields.next() {
            guard case .bytes(let range) = field.value else { continue }
            var inner = ProtobufFields(bytes, in: range)
            switch field.number {
            case 1: try readPiece(bytes, &inner, path: path)
            case 2:
                hasTrainer = true
                try checkTrainer(&inner, path: path)
            case 3:
                hasNormalizer = true
                while let setting = inner.next() {
                    if setting.number == 2, case .bytes(let map) = setting.value { characterMap = Array(bytes[map]) }
                }
            default: continue
            }
            if let fault = inner.fault { throw malformed(fault) }
        }
        if let fault = fields.fault { throw malformed(fault) }
        // Both stand behind the pieces: a file cut between two pieces is noticed here.
        guard hasTrainer, hasNormalizer else {
            throw TokenizerError.malformed(
                file: path, place: "byte \(bytes.count)",
                expected: "the \(hasTrainer ? "normaliser" : "trainer") settings of a SentencePiece model",
                found: "the end of the file")
        }
    }

    /// SentencePiece: 1 piece, 2 score, 3 type.
    private mutating func readPiece(
        _ bytes: UnsafeBufferPointer<UInt8>, _ fields: inout ProtobufFields, path: String
    ) throws {
        let index = pieces.count
        func malformed(_ expected: String, _ found: String) -> TokenizerError {
            .malformed(file: path, place: "piece \(index)", expected: expected, found: found)
        }
        var text: Range<Int>?
        var score: Float = 0
        var kind = Kind.normal
        while let field = fields.next() {
            switch (field.number, field.value) {
            case (1, .bytes(let range)): text = range
            case (2, .fixed32(let bits)): score = Float(bitPattern: bits)
            case (3, .varint(let number)):
                guard let known = Kind(rawValue: number) else { throw malformed("a type from 1 to 6", "\(number)") }
                kind = known
            default: break
            }
        }
        // The caller reports a broken message by its place.
        if fields.fault != nil { return }
        guard let text else { throw malformed("a piece", "none") }
        let piece = UnsafeBufferPointer(rebasing: bytes[text])
        guard UTF8Validation.firstInvalidOffset(in: piece) == nil else { throw malformed("UTF-8", "other bytes") }
        guard score.isFinite else { throw malformed("a log probability", "\(score)") }
        guard kind != .byte else {
            throw TokenizerError.unsupported(
                file: path, found: "a SentencePiece model with byte pieces", supported: "unigram (XLM-R)")
        }
        pieces.append(piece, id: Int32(clamping: index), score: Double(score))
        kinds.append(kind)
    }

    private func checkTrainer(_ fields: inout ProtobufFields, path: String) throws {
        while let setting = fields.next() {
            // model_type: 1 unigram, 2 BPE, 3 word, 4 char; byte_fallback.
            if setting.number == 3, case .varint(let type) = setting.value, type != 1 {
                let names: [UInt64: String] = [2: "BPE", 3: "word", 4: "character"]
                throw TokenizerError.unsupported(
                    file: path, found: "a SentencePiece model of type \(names[type] ?? "\(type)")",
                    supported: "unigram (XLM-R)")
            }
            if setting.number == 35, case .varint(let flag) = setting.value, flag != 0 {
                throw TokenizerError.unsupported(
                    file: path, found: "a SentencePiece model with byte fallback",
                    supported: "unigram (XLM-R); save the tokenizer with transformers, which writes tokenizer.json")
            }
        }
    }
}
