import Diagnostics
import Files
import Lookup
import Store

// What is answered under /api: the objects are those of /openapi.json.
extension ExplorerService {
    /// `/api/store`
    func contents(_ parameters: QuestionParameters, in view: StoreView) throws -> JSONValue {
        let checkpoints = try view.checkpoints([])
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

    /// `/api/map`
    func map(_ parameters: QuestionParameters, in view: StoreView) throws -> JSONValue {
        let word = try parameters.requiredText("word"), target = try parameters.requiredText("to")
        guard let layer = try parameters.layer() else { throw QuestionError(message: "layer: a map is of one layer") }
        let checkpoint = try view.checkpoint(parameters.text("checkpoint"), results: layer == .best)
        let map = try translator(checkpoint, target, layer, parameters, in: view).map(word)
        func json(_ point: NeighbourhoodMap.Point) -> JSONValue { ["x": .number(point.x), "y": .number(point.y)] }
        return [
            "translation": TranslationReport(map.translation).json, "query": json(map.query),
            "results": .array(map.results.map(json)),
            "shares": .array([.number(map.shares.x), .number(map.shares.y)]),
        ]
    }

    /// `/api/sentences`
    func sentences(_ parameters: QuestionParameters, in view: StoreView) throws -> JSONValue {
        let text = try parameters.requiredText("text"), top = try parameters.number("top", in: 1...100, otherwise: 5)
        let layer: Int? =
            switch try parameters.layer() {
            case .number(let number)?: number
            case .best?: nil
            case nil: throw QuestionError(message: "layer: expected a number, or nothing for the last")
            }
        let answers = try view.checkpoints(parameters.texts("checkpoint")).map { checkpoint -> JSONValue in
            let (isStored, sets) = try checkpoint.sentences(nearestTo: text, layer: layer, top: top, threads: 1) {
                try views.encoders.encoder(checkpoint.record, pooling: $0)
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
