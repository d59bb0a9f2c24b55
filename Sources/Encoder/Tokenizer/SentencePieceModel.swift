import CSentencePiece
import Files

/// A SentencePiece model file, read by libsentencepiece; what the library does not tell (the character map, the kind of
/// model) is read from the file's own fields.
final class SentencePieceModel {
    static let fileName = "sentencepiece.bpe.model"

    let path: String
    private let handle: OpaquePointer
    /// The normaliser's precompiled character map; empty when text is not normalised.
    let characterMap: [UInt8]

    /// - Throws: `SystemFault`, `TokenizerError` for a file that is truncated or no unigram model.
    init(path: String) throws {
        self.path = path
        let bytes = try TokenizerFile.read(path)
        let parts = try bytes.withUnsafeBufferPointer { try Self.parts(of: $0, path: path) }
        characterMap = parts.characterMap
        // The file's self-test samples are left out: the library would run them on a character map nobody has checked.
        var reason = [CChar](repeating: 0, count: 512)
        let created = parts.model.withUnsafeBytes { model in
            csp_model_create(model.baseAddress, model.count, &reason, reason.count)
        }
        guard let created else {
            let text = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw TokenizerError.malformed(
                file: path, place: "the model", expected: "a SentencePiece model", found: UTF8Text.string(text))
        }
        handle = created
    }

    deinit { csp_model_free(handle) }

    var count: Int { Int(csp_model_size(handle)) }

    func piece(_ id: Int) -> UnsafeRawBufferPointer {
        precondition(id >= 0 && id < count)
        var length = 0
        let bytes = csp_model_piece(handle, Int32(id), &length)
        return UnsafeRawBufferPointer(start: bytes, count: length)
    }

    func score(_ id: Int) -> Float { csp_model_score(handle, Int32(id)) }

    func isUnknown(_ id: Int) -> Bool { csp_model_kind(handle, Int32(id)) == CSP_UNKNOWN }

    func isControl(_ id: Int) -> Bool { csp_model_kind(handle, Int32(id)) == CSP_CONTROL }

    func isByte(_ id: Int) -> Bool { csp_model_kind(handle, Int32(id)) == CSP_BYTE }

    /// The library's own segmentation, in its own ids; nil when it fails. For comparison with `UnigramTokenizer`.
    func segment(_ text: UnsafeBufferPointer<UInt8>) -> [Int32]? {
        // A text never has more pieces than bytes, but for the word mark in front.
        var ids = [Int32](repeating: 0, count: text.count + 1)
        let count = csp_model_encode(handle, text.baseAddress, text.count, &ids, ids.count)
        return count < 0 ? nil : Array(ids.prefix(Int(count)))
    }

    /// Splits the file: the model without self-test samples, and its character map.
    /// - Source: sentencepiece_model.proto (ModelProto 1 pieces, 2 trainer_spec, 3 normalizer_spec, 4 self_test_data).
    private static func parts(
        of bytes: UnsafeBufferPointer<UInt8>, path: String
    ) throws -> (model: [UInt8], characterMap: [UInt8]) {
        func malformed(_ place: Int) -> TokenizerError {
            .malformed(
                file: path, place: "byte \(place)", expected: "a field of a SentencePiece model",
                found: "something else or the end of the file")
        }
        var model: [UInt8] = []
        model.reserveCapacity(bytes.count)
        var characterMap: [UInt8] = []
        var hasTrainer = false
        var hasNormalizer = false
        var fields = ProtobufFields(bytes, in: 0..<bytes.count)
        while let field = fields.next() {
            if field.number == 4 { continue }
            model.append(contentsOf: bytes[field.range])
            guard case .bytes(let range) = field.value else { continue }
            var inner = ProtobufFields(bytes, in: range)
            switch field.number {
            case 2:
                hasTrainer = true
                while let setting = inner.next() {
                    // model_type: 1 unigram, 2 BPE, 3 word, 4 char; byte_fallback.
                    if setting.number == 3, case .varint(let type) = setting.value, type != 1 {
                        let names: [UInt64: String] = [2: "BPE", 3: "word", 4: "character"]
                        throw TokenizerError.unsupported(
                            file: path, found: "a SentencePiece model of type \(names[type] ?? "\(type)")",
                            supported: "unigram (XLM-R)")
                    }
                    if setting.number == 35, case .varint(let flag) = setting.value, flag != 0 {
                        throw TokenizerError.unsupported(
                            file: path, found: "a SentencePiece model with byte fallback", supported: "unigram (XLM-R)")
                    }
                }
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
        return (model, characterMap)
    }
}
