import Diagnostics
import Files
import Lookup
import Store

// What is answered under /api: the objects are those of /openapi.json.
extension ExplorerService {
    static let translationNames = [
        "word", "to", "from", "checkpoint", "layer", "top", "scoring", "keep_identical", "native", "encode",
    ]
    /// Words times languages times checkpoints times layers of one question.
    private static let mostAnswers = 1_000

    /// `/api/store`
    func contents(_ parameters: QuestionParameters) throws -> JSONValue {
        let checkpoints = try CheckpointChoice.several([], in: store)
        return ["checkpoints": .array(try checkpoints.map(Self.contents))]
    }

    private static func contents(_ checkpoint: StoredCheckpoint) throws -> JSONValue {
        var words: [JSONValue] = [], sentences: [JSONValue] = []
        for collection in checkpoint.collections {
            let stored = try checkpoint.layers(of: collection)
            let layers = JSONValue.array(stored.map { .integer($0.layer) })
            let dimension = JSONValue.integer(stored.first?.dimension ?? checkpoint.record.hiddenSize)
            switch collection.name {
            case .words(let language)?:
                words.append([
                    "language": .text(language), "words": .integer(collection.rows), "layers": layers,
                    "dimension": dimension,
                ])
            case .sentences(let set, let language)?:
                sentences.append([
                    "set": .text(set), "language": .text(language), "sentences": .integer(collection.rows),
                    "layers": layers, "dimension": dimension,
                ])
            case nil: break
            }
        }
        return [
            "name": .text(checkpoint.name), "fingerprint": .text(checkpoint.record.fingerprint.short),
            "architecture": .text(checkpoint.record.architecture), "dimension": .integer(checkpoint.record.hiddenSize),
            "words": .array(words), "sentences": .array(sentences),
            "stale": .array(checkpoint.staleCollections.map { .text($0.collection) }),
        ]
    }

    /// `/api/translate`
    func translations(_ parameters: QuestionParameters) throws -> JSONValue {
        let words = try parameters.texts("word")
        guard !words.isEmpty else { throw QuestionError(message: "word is missing") }
        let targets = try parameters.texts("to"), layer = try parameters.layer()
        let encodes = try parameters.choice("encode", otherwise: true)
        var answers: [JSONValue] = [], firstFailure: (any Diagnosable)?, succeeded = false
        for checkpoint in try checkpoints(parameters, layer: layer) {
            for target in targets.isEmpty ? checkpoint.languages : targets {
                for layer in try layers(layer, of: target, in: checkpoint) {
                    guard answers.count + words.count <= Self.mostAnswers else {
                        throw QuestionError(
                            message: "more than \(Self.mostAnswers) answers: ask for fewer words, languages or layers")
                    }
                    for answer in Self.attempts(
                        words, { try translator(checkpoint, target, layer, parameters) }, encodes)
                    {
                        switch answer {
                        case .success(let translation):
                            succeeded = true
                            answers.append(TranslationReport(translation).json)
                        case .failure(let failure):
                            if case StoreError.changedWhileReading = failure.reason { throw failure.reason }
                            firstFailure = firstFailure ?? failure.reason
                            answers.append([
                                "query": .text(failure.word), "to": .text(target), "checkpoint": .text(checkpoint.name),
                                "layer": Self.json(layer), "error": .text(failure.reason.description),
                            ])
                        }
                    }
                }
            }
        }
        if !succeeded, let firstFailure { throw firstFailure }
        return ["answers": .array(answers)]
    }

    private struct Failure: Error {
        let word: String
        let reason: any Diagnosable
    }

    /// Each word's answer, or what kept it from one; what is no `Diagnosable` is a defect of the whole question.
    private static func attempts(
        _ words: [String], _ make: () throws -> Translator, _ encodes: Bool
    ) -> [Result<Translation, Failure>] {
        let translator = Result { try make() }
        return words.map { word in
            do {
                let translator = try translator.get()
                guard try encodes || translator.isStored(word) else { throw NotStored(word: word) }
                return .success(try translator.translate(word))
            } catch let error as any Diagnosable {
                return .failure(Failure(word: word, reason: error))
            } catch {
                return .failure(Failure(word: word, reason: Defect(text: "\(error)")))
            }
        }
    }

    /// `/api/map`
    func map(_ parameters: QuestionParameters) throws -> JSONValue {
        let word = try parameters.requiredText("word"), target = try parameters.requiredText("to")
        guard let layer = try parameters.layer() else { throw QuestionError(message: "layer: a map is of one layer") }
        let checkpoint = try CheckpointChoice.one(parameters.text("checkpoint"), in: store, results: layer == .best)
        let map = try translator(checkpoint, target, layer, parameters).map(word)
        func json(_ point: NeighbourhoodMap.Point) -> JSONValue { ["x": .number(point.x), "y": .number(point.y)] }
        return [
            "translation": TranslationReport(map.translation).json, "query": json(map.query),
            "results": .array(map.results.map(json)),
            "shares": .array([.number(map.shares.x), .number(map.shares.y)]),
        ]
    }

    /// `/api/sentences`
    func sentences(_ parameters: QuestionParameters) throws -> JSONValue {
        let text = try parameters.requiredText("text"), top = try parameters.number("top", in: 1...100, otherwise: 5)
        let layer: Int? =
            switch try parameters.layer() {
            case .number(let number)?: number
            case .best?: nil
            case nil: throw QuestionError(message: "layer: expected a number, or nothing for the last")
            }
        let answers = try checkpoints(parameters, layer: .number(0)).map { checkpoint -> JSONValue in
            let (isStored, sets) = try checkpoint.sentences(nearestTo: text, layer: layer, top: top, threads: 1) {
                try encoders.encoder(checkpoint.record, pooling: $0)
            }
            return [
                "checkpoint": .text(checkpoint.name), "stored": .boolean(isStored),
                "sets": .array(sets.map(Self.json)),
            ]
        }
        return ["query": .text(text), "answers": .array(answers)]
    }

    private static func json(_ sentences: NearestSentences) -> JSONValue {
        [
            "set": .text(sentences.set), "language": .text(sentences.language), "layer": .integer(sentences.layer),
            "results": .array(
                sentences.results.map {
                    [
                        "text": .text($0.text), "score": .number($0.score), "row": .integer($0.row),
                        "line": .integer($0.line),
                    ]
                }),
        ]
    }
}

// The parts of a question.
extension ExplorerService {
    /// - Parameter layer: nil for all.
    private func checkpoints(
        _ parameters: QuestionParameters, layer: TranslationLayer.Request?
    ) throws -> [StoredCheckpoint] {
        try CheckpointChoice.several(parameters.texts("checkpoint"), in: store, results: layer == .best)
    }

    private func layers(
        _ layer: TranslationLayer.Request?, of target: String, in checkpoint: StoredCheckpoint
    ) throws -> [TranslationLayer.Request] {
        if let layer { return [layer] }
        // What is not stored is said where it is asked for.
        guard let words = checkpoint.words(target) else { return [.best] }
        return try checkpoint.layers(of: words).map { .number($0.layer) }
    }

    private func translator(
        _ checkpoint: StoredCheckpoint, _ target: String, _ layer: TranslationLayer.Request,
        _ parameters: QuestionParameters
    ) throws -> Translator {
        let encoder = QueryEncoder(checkpoint.record) { record, _, pooling in
            try encoders.encoder(record, pooling: pooling)
        }
        return try Translator(
            checkpoint: checkpoint, to: target, from: parameters.text("from"), layer: layer,
            scoring: parameters.scoring(), top: parameters.number("top", in: 1...100, otherwise: 10),
            keepIdentical: parameters.choice("keep_identical", otherwise: false), native: parameters.native(),
            threads: 1, encoder: encoder)
    }

    private static func json(_ layer: TranslationLayer.Request) -> JSONValue {
        switch layer {
        case .best: "best"
        case .number(let number): .integer(number)
        }
    }
}

/// A word that would have to be encoded, where that was not wanted.
private struct NotStored: Diagnosable {
    let word: String
    var exitStatus: ExitStatus { .missingInput }
    var description: String { "'\(word)' is in no stored vocabulary; encode=true encodes it with the model" }
}

private struct Defect: Diagnosable {
    let text: String
    var exitStatus: ExitStatus { .internalError }
    var description: String { "\(text); this is a defect in Polylex, please report it" }
}
