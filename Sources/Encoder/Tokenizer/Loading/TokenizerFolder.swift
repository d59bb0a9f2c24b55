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
    /// `tokenizer.json` comes first, since Hugging Face's fast tokenizers read it when it is there; then `vocab.txt`,
    /// `sentencepiece.bpe.model`, and `vocab.json` with `merges.txt`. Switches stated in `tokenizer_config.json` hold
    /// for all of them.
    /// - Throws: `TokenizerError` naming the file and the line or key at fault, `SystemFault`.
    package static func load(_ folder: String) throws -> any Tokenizer {
        let source = try source(folder)
        let configuration = try TokenizerConfiguration(folder: folder)
        let assembly: TokenizerAssembly
        switch source {
        case .tokenizerJSON(let path): return try TokenizerJSON(path: path).tokenizer(configuration: configuration)
        case .vocabulary(let path):
            assembly = try TokenizerAssembly(
                vocabulary: path, configuration: configuration, legacy: legacyAddedTokens(folder, configuration))
        case .sentencePiece(let path):
            var read = try TokenizerAssembly(sentencePiece: path, configuration: configuration)
            read.addedTokens += try legacyAddedTokens(folder, configuration)
            assembly = read
        case .bytePairs(let path, let merges):
            assembly = try TokenizerAssembly(
                vocabulary: path, merges: merges, configuration: configuration,
                legacy: legacyAddedTokens(folder, configuration))
        }
        return try assembly.tokenizer(configuration)
    }

    /// Tokens of `added_tokens.json`, in which old folders list them with their ids; `tokenizer_config.json` has the
    /// say where it lists any.
    private static func legacyAddedTokens(
        _ folder: String, _ configuration: TokenizerConfiguration
    ) throws -> [AddedToken] {
        let path = "\(folder)/\(legacyName)"
        guard configuration.addedTokens.isEmpty, TokenizerFile.exists(path) else { return [] }
        let document = try JSONReader.read(path, limit: ConfigurationFile.maximumBytes) { try $0.value() }
        guard case .object(let members) = document else {
            throw TokenizerError.malformed(file: path, place: "byte 0", expected: "an object", found: document.kind)
        }
        let special = [
            configuration.startToken ?? "[CLS]", configuration.separatorToken ?? "[SEP]",
            configuration.paddingToken ?? "[PAD]", configuration.unknownToken ?? "[UNK]",
            configuration.maskToken ?? "[MASK]",
        ]
        return try members.map { member in
            let (token, value) = (member.key, member.value)
            guard let id = value.integer.flatMap({ Int32(exactly: $0) }), id >= 0 else {
                throw TokenizerError.malformed(
                    file: path, place: "key \(token)", expected: "an id", found: value.kind)
            }
            let isSpecial = special.contains { $0.utf8.elementsEqual(token.utf8) }
            return AddedToken(id: id, content: token, isNormalized: !isSpecial)
        }.sorted { $0.id < $1.id }
    }

    private static let legacyName = "added_tokens.json"

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
            case .vocabulary: [VocabularyFile.name, TokenizerConfiguration.fileName, legacyName]
            case .sentencePiece: [SentencePieceModel.fileName, TokenizerConfiguration.fileName, legacyName]
            case .bytePairs:
                [MergesFile.vocabularyName, MergesFile.name, TokenizerConfiguration.fileName, legacyName]
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
        case bytePairs(String, merges: String)
    }

    private static func source(_ folder: String) throws -> Source {
        func found(_ name: String) -> String? {
            let path = "\(folder)/\(name)"
            return TokenizerFile.exists(path) ? path : nil
        }
        if let path = found(TokenizerJSON.fileName) { return .tokenizerJSON(path) }
        if let path = found(VocabularyFile.name) { return .vocabulary(path) }
        if let path = found(SentencePieceModel.fileName) { return .sentencePiece(path) }
        switch (found(MergesFile.vocabularyName), found(MergesFile.name)) {
        case (let vocabulary?, let merges?): return .bytePairs(vocabulary, merges: merges)
        case (let vocabulary?, nil):
            throw TokenizerError.incomplete(file: vocabulary, missing: MergesFile.name)
        case (nil, let merges?): throw TokenizerError.incomplete(file: merges, missing: MergesFile.vocabularyName)
        case (nil, nil): break
        }
        for name in ["spiece.model", "spm.model", "tokenizer.model"] {
            guard let path = found(name) else { continue }
            throw TokenizerError.unsupported(
                file: path, found: "a SentencePiece model without a tokenizer.json beside it",
                supported:
                    "XLM-R's sentencepiece.bpe.model; save the tokenizer with transformers, which writes tokenizer.json"
            )
        }
        guard TokenizerFile.exists(folder) else { throw SystemFault(operation: "open", path: folder, code: ENOENT) }
        throw TokenizerError.unrecognised(folder: folder)
    }
}

/// The files of a tokenizer's folder.
enum TokenizerFile {
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    /// - Throws: `FileError` when it is no regular file, is empty or far too large; `SystemFault` when it cannot be
    ///   read.
    static func read(_ path: String) throws -> [UInt8] { try WholeFile.read(path, expected: "a tokenizer") }
}
