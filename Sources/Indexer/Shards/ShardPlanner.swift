import Console
import Diagnostics
import Encoder
import Fingerprinting
import Store

/// Reads, fingerprints and tokenises what is to be encoded, and cuts it into shards.
struct ShardPlanner {
    let options: EncodingOptions
    let selection: InputSelection
    let checkpoints: [(name: String, folder: String)]
    let shards: Int
    /// What it has needs no shard; nil for none.
    let store: Store?
    let threads: Int
    let shouldStop: () -> Bool
    /// Told what is being done.
    let progress: (String) -> Void

    /// How much there is of one input for one checkpoint.
    private struct Weight {
        /// Position among the inputs.
        var input = 0
        var tokens = 0
        var rows = 0
    }

    /// - Throws: what reading inputs and opening checkpoints throws; `ConsoleError.stopped`.
    func plan() throws -> ShardPlan {
        let sources = try selection.sources().map(\.located)
        let kinds = Set(sources.map(\.kind))
        let models = try checkpoints.map { entry in
            progress("reading \(entry.folder)")
            return try EncodingModel(
                name: entry.name, folder: AbsolutePath.of(entry.folder), options: options, kinds: kinds)
        }
        let layers = try models.map {
            try options.layers.numbers(checkpoint: $0.record.name, layerCount: $0.record.layerCount)
        }
        var inputs: [ShardPlan.Input] = []
        var weights = Array(repeating: [Weight](), count: models.count)
        var tokenizers = TokenizerGroups(models)
        // One input in memory at a time.
        for source in sources {
            progress("reading \(source.files[0])")
            let collections = try source.read(top: selection.top, skippingBadLines: selection.skipBadLines)
            for collection in collections { try StoreName.check(collection: collection.name) }
            inputs.append(
                ShardPlan.Input(
                    source: source,
                    collections: collections.map {
                        .init(name: $0.name, fingerprint: $0.fingerprint, texts: $0.texts.count)
                    }))
            progress("tokenizing \(source.name)")
            var known: [Int: Weight] = [:]
            for (number, model) in models.enumerated() {
                if shouldStop() { throw ConsoleError.stopped(advice: "nothing was planned") }
                if try isStored(collections, layers[number], model) { continue }
                let group = try tokenizers.group(of: number)
                var weight = try known[group] ?? weigh(collections, tokenizers.tokenizer(number), model)
                known[group] = weight
                weight.input = inputs.count - 1
                weights[number].append(weight)
            }
        }
        return try assemble(models, layers, inputs, weights)
    }

    /// Whether a build would find nothing to do.
    private func isStored(
        _ collections: [CollectionInput], _ layers: [Int], _ model: EncodingModel
    ) throws -> Bool {
        guard let store else { return false }
        return try collections.allSatisfy {
            try LayerFingerprint.missing(layers, of: $0, codec: options.codec, model: model, in: store)
                .isEmpty
        }
    }

    private func weigh(
        _ collections: [CollectionInput], _ tokenizer: any Tokenizer, _ model: EncodingModel
    ) throws -> Weight {
        let work = try CollectionTokenizer(model, tokenizer: tokenizer, threads: threads)
        var pool = SequencePool()
        var weight = Weight()
        for collection in collections {
            weight.rows += try work.plan(collection, missingLayers: [], pool: &pool).rows
        }
        weight.tokens = pool.tokenCount
        return weight
    }

    private func assemble(
        _ models: [EncodingModel], _ layers: [[Int]], _ inputs: [ShardPlan.Input], _ weights: [[Weight]]
    ) throws -> ShardPlan {
        // A block's multiplications grow with C²; that is near enough to weigh checkpoints against each other.
        let costs = zip(models, layers).map { model, layers in
            Double(max(1, layers.last ?? 1)) * Double(model.record.hiddenSize) * Double(model.record.hiddenSize)
        }
        let parts = ShardDivision.divide(tokens: weights.map { $0.map(\.tokens) }, costs: costs, into: shards)
        var plan = ShardPlan(
            program: try .own(), arithmetic: Computation.ofEngine.arithmetic, precision: Computation.ofEngine.precision,
            options: options.words, top: selection.top, skipBadLines: selection.skipBadLines,
            checkpoints: zip(models, layers).map(Self.planned),
            inputs: inputs,
            shards: parts.map { part in
                let own = part.inputs.map { weights[part.checkpoint][$0] }
                let model = models[part.checkpoint]
                let layerBytes = own.reduce(0) {
                    let dimension = model.dimension(of: inputs[$1.input].source.kind)
                    return $0 + $1.rows * options.codec.rowBytes(dimension: dimension)
                }
                return .init(
                    checkpoint: model.record.name, inputs: own.map { inputs[$0.input].source.name },
                    tokens: part.tokens, bytes: layerBytes * layers[part.checkpoint].count)
            })
        // What no shard needs has not to be there.
        let (names, needed) = (Set(plan.shards.map(\.checkpoint)), Set(plan.shards.flatMap(\.inputs)))
        plan.checkpoints.removeAll { !names.contains($0.name) }
        plan.inputs.removeAll { !needed.contains($0.source.name) }
        plan.id = try plan.computedId()
        return plan
    }

    private static func planned(_ model: EncodingModel, _ layers: [Int]) -> ShardPlan.Checkpoint {
        let record = model.record
        func dimension(_ kind: CollectionInput.Kind) -> Int? {
            let found = model.dimension(of: kind)
            return found == record.hiddenSize ? nil : found
        }
        return .init(
            name: record.name, folder: record.source, fingerprint: record.fingerprint, layers: layers,
            hiddenSize: record.hiddenSize, wordPooling: model.pooling.words?.fields,
            sentencePooling: model.pooling.sentences?.fields, wordDimension: dimension(.words),
            sentenceDimension: dimension(.sentences))
    }
}

/// Checkpoints that tokenise alike, told by their tokenizer's files, longest sequence and embedding rows: fifty
/// checkpoints trained from one base are tokenised for once.
private struct TokenizerGroups {
    private struct Key: Hashable {
        let tokenizer: Fingerprint
        let maximumLength: Int
        let vocabularySize: Int
        let words: [String: String]?
        let sentences: [String: String]?
    }

    private let models: [EncodingModel]
    private var groups: [Key: Int] = [:]
    private var numbers: [Int?]
    private var tokenizers: [Int: any Tokenizer] = [:]

    init(_ models: [EncodingModel]) {
        self.models = models
        numbers = Array(repeating: nil, count: models.count)
    }

    mutating func group(of model: Int) throws -> Int {
        if let known = numbers[model] { return known }
        let record = models[model].record
        let key = Key(
            tokenizer: try TokenizerFolder.fingerprint(Checkpoint.sourceFolder(of: record.source)),
            maximumLength: models[model].maximumLength, vocabularySize: record.vocabularySize,
            words: models[model].pooling.words?.fields, sentences: models[model].pooling.sentences?.fields)
        let group = groups[key] ?? groups.count
        groups[key] = group
        numbers[model] = group
        return group
    }

    mutating func tokenizer(_ model: Int) throws -> any Tokenizer {
        let group = try group(of: model)
        if let known = tokenizers[group] { return known }
        let made = try models[model].makeTokenizer()
        tokenizers[group] = made
        return made
    }
}
