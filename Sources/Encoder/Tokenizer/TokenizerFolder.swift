import Diagnostics
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
        switch try source(folder) {
        case .tokenizerJSON(let path):
            try TokenizerJSON(path: path).tokenizer(configuration: TokenizerConfiguration(folder: folder))
        case .vocabulary(let path):
            try WordPieceTokenizer(vocabulary: path, configuration: TokenizerConfiguration(folder: folder))
        case .sentencePiece(let path):
            try UnigramTokenizer(sentencePiece: path, configuration: TokenizerConfiguration(folder: folder))
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
