import Diagnostics
import Files
import Fingerprinting

#if canImport(Glibc)
import Glibc
#endif

/// Finds out which tokenizer a Hugging Face folder holds and loads it.
package enum TokenizerFolder {
    /// Loads the tokenizer of a folder, which may hold nothing but tokenizer files.
    ///
    /// `tokenizer.json` comes first, since Hugging Face's fast tokenizers read it when it is there; then `vocab.txt`, then
    /// `sentencepiece.bpe.model`. Switches stated in `tokenizer_config.json` hold for all of them.
    /// - Throws: `TokenizerError` naming the file and the line or key at fault, `SystemFault`.
    package static func load(_ folder: String) throws -> any Tokenizer {
        let tokenizer: any Tokenizer
        switch try source(folder) {
        case .tokenizerJSON(let path):
            return try TokenizerJSON(path: path).tokenizer(configuration: TokenizerConfiguration(folder: folder))
        case .vocabulary(let path):
            tokenizer = try WordPieceTokenizer(vocabulary: path, configuration: TokenizerConfiguration(folder: folder))
        case .sentencePiece(let path):
            tokenizer = try UnigramTokenizer(sentencePiece: path, configuration: TokenizerConfiguration(folder: folder))
        }
        try checkLegacyAddedTokens(folder, tokenizer)
        return tokenizer
    }

    /// Old folders list added tokens in `added_tokens.json`; those a tokenizer has anyway (`<mask>`) are no news, others
    /// would be cut into pieces without anybody noticing.
    private static func checkLegacyAddedTokens(_ folder: String, _ tokenizer: any Tokenizer) throws {
        let path = "\(folder)/added_tokens.json"
        guard TokenizerFile.exists(path) else { return }
        let document = try JSONReader.read(path) { try $0.value() }
        guard case .object(let members) = document else {
            throw TokenizerError.malformed(file: path, place: "byte 0", expected: "an object", found: document.kind)
        }
        for member in members {
            let (token, value) = (member.key, member.value)
            guard let id = value.integer.flatMap({ Int32(exactly: $0) }) else {
                throw TokenizerError.malformed(
                    file: path, place: "key \(token)", expected: "an id", found: value.kind)
            }
            guard tokenizer.subwords(token) == [id] else {
                throw TokenizerError.unsupported(
                    file: path, found: "the further token '\(token)'",
                    supported: "added tokens in tokenizer.json or in added_tokens_decoder of tokenizer_config.json; "
                        + "save the tokenizer again with transformers, which writes tokenizer.json")
            }
        }
    }

    /// Hash of the files that define the tokenization: equal fingerprints give equal ids.
    ///
    /// A folder without a tokenizer has a fingerprint too (a checkpoint can be loaded without one).
    /// - Throws: `SystemFault` for files that cannot be read.
    package static func fingerprint(_ folder: String) throws -> Fingerprint {
        let builder = FingerprintBuilder()
        builder.combine("tokenizer 1")
        let names: [String] =
            switch try? source(folder) {
            case nil: []
            case .tokenizerJSON: [TokenizerJSON.fileName, TokenizerConfiguration.fileName]
            case .vocabulary: [VocabularyFile.name, TokenizerConfiguration.fileName]
            case .sentencePiece: [SentencePieceModel.fileName, TokenizerConfiguration.fileName]
            }
        for name in names where TokenizerFile.exists("\(folder)/\(name)") {
            builder.combine(name)
            builder.combine(try Fingerprint.of(file: "\(folder)/\(name)"))
        }
        return builder.finish()
    }

    private enum Source {
        case tokenizerJSON(String)
        case vocabulary(String)
        case sentencePiece(String)
    }

    private static func source(_ folder: String) throws -> Source {
        func found(_ name: String) -> String? {
            let path = "\(folder)/\(name)"
            return TokenizerFile.exists(path) ? path : nil
        }
        if let path = found(TokenizerJSON.fileName) { return .tokenizerJSON(path) }
        if let path = found(VocabularyFile.name) { return .vocabulary(path) }
        if let path = found(SentencePieceModel.fileName) { return .sentencePiece(path) }
        if let path = found("merges.txt") ?? found("vocab.json") {
            throw TokenizerError.unsupported(
                file: path, found: "a byte-level BPE tokenizer (RoBERTa, GPT-2)",
                supported: "WordPiece (vocab.txt or tokenizer.json) and XLM-R's SentencePiece")
        }
        guard TokenizerFile.exists(folder) else { throw SystemFault(operation: "open", path: folder, code: ENOENT) }
        throw TokenizerError.unrecognised(folder: folder)
    }
}
