import Files

/// What `tokenizer_config.json` says about tokenization; absent keys are nil.
struct TokenizerConfiguration: Sendable {
    var tokenizerClass: String?
    var lowercases: Bool?
    var separatesIdeographs: Bool?
    /// Outer nil: not stated; inner nil: stated as null, "as lower-casing".
    var stripsAccents: Bool??
    /// `add_prefix_space` of byte-level BPE (RoBERTa).
    var prependsSpace: Bool?
    var startToken: String?
    var separatorToken: String?
    var paddingToken: String?
    var unknownToken: String?
    var maskToken: String?
    /// `added_tokens_decoder`.
    var addedTokens: [AddedToken] = []

    static let fileName = "tokenizer_config.json"

    /// - Returns: nothing stated when the file is absent.
    /// - Throws: `TokenizerError` naming the key, `SystemFault`.
    init(folder: String) throws {
        let path = "\(folder)/\(Self.fileName)"
        guard TokenizerFile.exists(path) else { return }
        let document = try JSONReader.read(path, limit: ConfigurationFile.maximumBytes) { try $0.value() }
        guard case .object = document else {
            throw TokenizerError.malformed(file: path, place: "byte 0", expected: "an object", found: document.kind)
        }
        func bool(_ key: String) throws -> Bool?? {
            guard let value = document[key] else { return .none }
            if value.isNull { return .some(nil) }
            guard let bool = value.bool else {
                throw TokenizerError.malformed(
                    file: path, place: "key \(key)", expected: "true, false or null", found: value.kind)
            }
            return .some(bool)
        }
        func token(_ key: String) throws -> String? {
            guard let value = document[key], !value.isNull else { return nil }
            guard let text = value.string ?? value["content"]?.string else {
                throw TokenizerError.malformed(
                    file: path, place: "key \(key)", expected: "a string or an object with content", found: value.kind)
            }
            return text
        }
        tokenizerClass = try token("tokenizer_class")
        lowercases = try bool("do_lower_case") ?? nil
        separatesIdeographs = try bool("tokenize_chinese_chars") ?? nil
        stripsAccents = try bool("strip_accents")
        prependsSpace = try bool("add_prefix_space") ?? nil
        startToken = try token("cls_token")
        separatorToken = try token("sep_token")
        paddingToken = try token("pad_token")
        unknownToken = try token("unk_token")
        maskToken = try token("mask_token")
        if let decoder = document["added_tokens_decoder"] {
            guard case .object(let members) = decoder else {
                throw TokenizerError.malformed(
                    file: path, place: "key added_tokens_decoder", expected: "an object", found: decoder.kind)
            }
            addedTokens = try members.map { member in
                let (key, value) = (member.key, member.value)
                guard let id = Int32(key), id >= 0 else {
                    throw TokenizerError.malformed(
                        file: path, place: "key added_tokens_decoder", expected: "an id", found: "'\(key)'")
                }
                return try AddedToken(value, id: id, file: path, place: "key added_tokens_decoder.\(key)")
            }
        }
    }
}

extension AddedToken {
    /// Reads the object form both tokenizer.json and tokenizer_config.json use.
    init(_ value: JSONValue, id: Int32, file: String, place: String) throws {
        guard let content = value["content"]?.string else {
            throw TokenizerError.malformed(
                file: file, place: "\(place).content", expected: "a string", found: value["content"]?.kind ?? value.kind
            )
        }
        func flag(_ key: String) throws -> Bool? {
            guard let value = value[key] else { return nil }
            guard let flag = value.bool else {
                throw TokenizerError.malformed(
                    file: file, place: "\(place).\(key)", expected: "true or false", found: value.kind)
            }
            return flag
        }
        let special = try flag("special") ?? false
        self.init(
            id: id, content: content, isSingleWord: try flag("single_word") ?? false,
            stripsLeft: try flag("lstrip") ?? false, stripsRight: try flag("rstrip") ?? false,
            isNormalized: try flag("normalized") ?? !special)
    }
}
