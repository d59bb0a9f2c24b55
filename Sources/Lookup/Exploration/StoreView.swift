import Store

/// A state of a store as questions see it: checkpoints and translators are kept for the next question, so that the
/// catalogue is read once, and layer files are mapped once, while the store stays as it is.
///
/// Not for several threads at once; `StoreViews` hands it to one question at a time.
package final class StoreView {
    /// Of a language, layer or setting that was asked about once: each keeps mappings, and a few hundred kilobytes of
    /// what it has learned of a vocabulary.
    private static let mostTranslators = 64
    /// Answers to different sets of checkpoints that are kept.
    private static let mostChoices = 16

    /// What a translator is asked for, beside the words.
    package struct TranslatorRequest {
        let to: String
        let from: String?
        let layer: TranslationLayer.Request
        let scoring: TranslationScoring
        let top: Int
        let keepIdentical: Bool
        let native: NativeCandidates

        package init(
            to: String, from: String?, layer: TranslationLayer.Request,
            scoring: TranslationScoring, top: Int, keepIdentical: Bool, native: NativeCandidates
        ) {
            self.to = to
            self.from = from
            self.layer = layer
            self.scoring = scoring
            self.top = top
            self.keepIdentical = keepIdentical
            self.native = native
        }

        fileprivate func key(of checkpoint: StoredCheckpoint) -> [UInt8] {
            StoreView.key([
                checkpoint.name, to, from.map { "from \($0)" } ?? "", "\(layer)", scoring.rawValue, "\(top)",
                "\(keepIdentical)", native.rawValue,
            ])
        }
    }

    private let store: Store
    private let encoders: EncoderCache
    /// Number of the state all of it is of; nil while nothing was read.
    private(set) var state: Int?
    private var choices: [[UInt8]: [StoredCheckpoint]] = [:]
    private var translators: [[UInt8]: Translator] = [:]
    private var queryEncoders: [[UInt8]: QueryEncoder] = [:]

    init(_ store: Store, encoders: EncoderCache) {
        self.store = store
        self.encoders = encoders
    }

    /// The checkpoints named, all of them when none is named.
    /// - Parameter results: whether stored results are wanted too.
    /// - Throws: as `CheckpointChoice.several`; `StoreError.changedWhileReading` when the view is of an earlier state.
    package func checkpoints(_ names: [String], results: Bool = false) throws -> [StoredCheckpoint] {
        try chosen(Self.key([results ? "results" : ""] + names)) {
            try CheckpointChoice.several(names, in: store, results: results)
        }
    }

    /// The checkpoint named, or the only one there is.
    /// - Throws: as `CheckpointChoice.one`; `StoreError.changedWhileReading` when the view is of an earlier state.
    package func checkpoint(_ name: String?, results: Bool) throws -> StoredCheckpoint {
        if let name { return try checkpoints([name], results: results)[0] }
        return try chosen(Self.key([results ? "the only one, results" : "the only one"])) {
            [try CheckpointChoice.one(nil, in: store, results: results)]
        }[0]
    }

    private func chosen(_ key: [UInt8], _ read: () throws -> [StoredCheckpoint]) throws -> [StoredCheckpoint] {
        if let known = choices[key] { return known }
        let found = try read()
        for checkpoint in found {
            guard state == nil || state == checkpoint.state else {
                throw StoreError.changedWhileReading(folder: store.folder, what: "the catalogue")
            }
            state = checkpoint.state
        }
        if choices.count == Self.mostChoices { choices = [:] }
        choices[key] = found
        return found
    }

    /// - Parameter checkpoint: one of this view.
    /// - Throws: as `Translator.init`.
    package func translator(_ request: TranslatorRequest, of checkpoint: StoredCheckpoint) throws -> Translator {
        precondition(checkpoint.state == state, "\(checkpoint.name) is of another view")
        let key = request.key(of: checkpoint)
        if let known = translators[key] { return known }
        let translator = try Translator(
            checkpoint: checkpoint, to: request.to, from: request.from, layer: request.layer,
            scoring: request.scoring, top: request.top, keepIdentical: request.keepIdentical, native: request.native,
            threads: 1, encoder: encoder(of: checkpoint))
        // CSLS learns a number for every word of a vocabulary, once for each language asked from.
        if request.scoring == .csls { return translator }
        if translators.count == Self.mostTranslators { translators = [:] }
        translators[key] = translator
        return translator
    }

    /// One for all translators of a checkpoint: a word that no vocabulary has is encoded once for all languages.
    private func encoder(of checkpoint: StoredCheckpoint) -> QueryEncoder {
        let key = Array(checkpoint.name.utf8)
        if let known = queryEncoders[key] { return known }
        let encoder = QueryEncoder(checkpoint.record, keepsModel: false) { [encoders] record, _, pooling in
            try encoders.encoder(record, pooling: pooling)
        }
        queryEncoders[key] = encoder
        return encoder
    }

    /// Parts with their lengths, so that no two lists of parts have one key; bytes, because spellings of a name in
    /// composed and in decomposed letters are two names.
    private static func key(_ parts: [String]) -> [UInt8] {
        parts.flatMap { Array("\($0.utf8.count) \($0)".utf8) }
    }
}
