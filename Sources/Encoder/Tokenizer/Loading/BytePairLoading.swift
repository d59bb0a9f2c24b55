import Files

/// How a tokenizer is put together from RoBERTa's `vocab.json` and `merges.txt`.
extension TokenizerAssembly {
    private static let bytePairClasses = ["RobertaTokenizer", "PreTrainedTokenizer", "TokenizersBackend"]

    /// As Hugging Face's `RobertaTokenizer`.
    /// - Throws: `TokenizerError` naming the line or key at fault, `SystemFault`.
    init(vocabulary path: String, merges: String, configuration: TokenizerConfiguration, legacy: [AddedToken]) throws {
        try Self.checkClass(configuration.tokenizerClass, path, supported: Self.bytePairClasses)
        let pieces = try MergesFile.readVocabulary(path)
        let model = try BytePairModel(
            pieces, merges: try MergesFile.read(merges), settings: BytePairModel.Settings(), file: merges)
        let mask = configuration.maskToken ?? "<mask>"
        let names = [
            configuration.startToken ?? "<s>", configuration.paddingToken ?? "<pad>",
            configuration.separatorToken ?? "</s>", configuration.unknownToken ?? "<unk>", mask,
        ]
        let stated = configuration.addedTokens + legacy
        let special = names.filter { name in !stated.contains { $0.content.utf8.elementsEqual(name.utf8) } }
        self.init(
            file: path, normalizers: [], preTokenizers: [ByteLevelPreTokenizer(prependsSpace: false, splits: true)],
            model: model, pieceIDs: pieces.idCount,
            addedTokens: special.map { AddedToken(id: 0, content: $0, stripsLeft: $0 == mask) } + legacy, template: nil)
    }
}

/// RoBERTa's `vocab.json` (pieces and ids) and `merges.txt` (a merge a line, the most important one first).
enum MergesFile {
    static let name = "merges.txt"
    static let vocabularyName = "vocab.json"
    /// How the first line of the file begins; it is no merge.
    static let version = Array("#version".utf8)

    /// - Returns: pairs of pieces, two entries each.
    /// - Throws: `SystemFault`, `TokenizerError` naming the line.
    static func read(_ path: String) throws -> PieceList {
        let bytes = try TokenizerFile.read(path)
        if let place = bytes.withUnsafeBufferPointer({ UTF8Validation.firstInvalidOffset(in: $0) }) {
            throw TokenizerError.malformed(
                file: path, place: "line \(bytes[..<place].count { $0 == 0x0A } + 1)", expected: "UTF-8",
                found: "the byte \(bytes[place])")
        }
        var pairs = PieceList()
        var start = 0
        var line = 0
        while start < bytes.count {
            line += 1
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            var content = bytes[start..<end]
            if content.last == 0x0D { content.removeLast() }
            start = end + 1
            if content.starts(with: version) || content.isEmpty && start >= bytes.count { continue }
            guard append(content, to: &pairs) else {
                throw TokenizerError.malformed(
                    file: path, place: "line \(line)", expected: "two pieces and a space between them",
                    found: "'\(UTF8Text.string(content.prefix(60)))'")
            }
        }
        return pairs
    }

    /// Appends "a b" as two entries; false if it is anything else.
    static func append(_ merge: ArraySlice<UInt8>, to pairs: inout PieceList) -> Bool {
        let parts = merge.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        for part in parts { pairs.append(part, id: 0) }
        return true
    }

    /// - Throws: `SystemFault`, `TokenizerError` naming the key.
    static func readVocabulary(_ path: String) throws -> PieceList {
        try JSONReader.read(path) { reader in
            var pieces = PieceList()
            try reader.entries { reader, piece in
                let id = try reader.integer()
                guard let id = Int32(exactly: id), id >= 0, id < Int32.max else {
                    throw reader.error(expected: "an id", found: "\(id)")
                }
                pieces.append(piece, id: id)
            }
            return pieces
        }
    }
}
