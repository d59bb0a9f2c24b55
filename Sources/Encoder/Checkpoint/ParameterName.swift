/// A parameter's tensor in a checkpoint, or one of the equal parts it is cut into along its rows (queries, keys and values are
/// one tensor in some families).
package struct ParameterSlice: Hashable, Sendable {
    /// Without ".weight" or ".bias".
    let name: String
    var index = 0
    var of = 1

    init(_ name: String, _ index: Int = 0, of count: Int = 1) {
        self.name = name
        self.index = index
        of = count
    }
}

/// What a family calls its tensors, without the prefix of the whole model; layer norms and linear layers without ".weight" and
/// ".bias".
package struct ParameterNames: Hashable, Sendable {
    let wordEmbeddings: String
    let positionEmbeddings: String
    let tokenTypeEmbeddings: String
    let embeddingNorm: String
    /// Before a block's number.
    let blocks: String
    // Parts of a block.
    let query, key, value: ParameterSlice
    let attentionOutput, attentionNorm, intermediate, output, outputNorm: String
    /// Where `adapters` hangs a block's bottlenecks.
    let adapters: String

    static let bert = ParameterNames(
        wordEmbeddings: "embeddings.word_embeddings.weight",
        positionEmbeddings: "embeddings.position_embeddings.weight",
        tokenTypeEmbeddings: "embeddings.token_type_embeddings.weight", embeddingNorm: "embeddings.LayerNorm",
        blocks: "encoder.layer.", query: ParameterSlice("attention.self.query"),
        key: ParameterSlice("attention.self.key"), value: ParameterSlice("attention.self.value"),
        attentionOutput: "attention.output.dense", attentionNorm: "attention.output.LayerNorm",
        intermediate: "intermediate.dense", output: "output.dense", outputNorm: "output.LayerNorm",
        adapters: "output.adapters")

    func block(_ layer: Int, _ part: String) -> String { "\(blocks)\(layer).\(part)" }

    func block(_ layer: Int, _ part: ParameterSlice) -> ParameterSlice {
        ParameterSlice(block(layer, part.name), part.index, of: part.of)
    }

    /// The parts of a bottleneck of a block.
    func adapter(_ layer: Int, _ adapter: String) -> (down: String, up: String) {
        let base = block(layer, "\(adapters).\(adapter).")
        return (base + "adapter_down.0", base + "adapter_up")
    }
}

extension TransformerConfiguration {
    package var names: ParameterNames { architecture.names }

    /// Every parameter of the encoder with its shape, in the order Hugging Face lists them; a linear layer's weight is
    /// [out, in].
    package var parameters: [(name: String, shape: [Int])] {
        let C = hiddenSize, I = intermediateSize
        var list: [(name: String, shape: [Int])] = [
            (names.wordEmbeddings, [vocabularySize, C]),
            (names.positionEmbeddings, [positionCount, C]),
            (names.tokenTypeEmbeddings, [tokenTypeCount, C]),
            (names.embeddingNorm + ".weight", [C]),
            (names.embeddingNorm + ".bias", [C]),
        ]
        let parts: [(String, [Int])] = [
            (names.query.name, [C * names.query.of, C]), (names.key.name, [C * names.key.of, C]),
            (names.value.name, [C * names.value.of, C]), (names.attentionOutput, [C, C]), (names.attentionNorm, [C]),
            (names.intermediate, [I, C]), (names.output, [C, I]), (names.outputNorm, [C]),
        ]
        for layer in 0..<layerCount {
            for (part, shape) in parts {
                list.append((names.block(layer, part + ".weight"), shape))
                list.append((names.block(layer, part + ".bias"), [shape[0]]))
            }
        }
        return list
    }
}
