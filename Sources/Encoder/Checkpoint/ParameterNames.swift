/// A parameter's tensor in a checkpoint, or one of the equal parts it is cut into along its rows (queries, keys and
/// values are one tensor in some families).
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

/// What a family calls its tensors, without the prefix of the whole model; layer norms and linear layers without
/// ".weight" and ".bias".
package struct ParameterNames: Hashable, Sendable {
    let wordEmbeddings: String
    var positionEmbeddings: String?
    var tokenTypeEmbeddings: String?
    let embeddingNorm: String
    /// Before a block's number.
    let blocks: String
    // Parts of a block.
    let query, key, value: ParameterSlice
    let attentionOutput, attentionNorm, intermediate, output, outputNorm: String
    /// Where `adapters` hangs a block's bottlenecks.
    let adapters: String
    /// After the last block.
    var finalNorm: String?
    /// [buckets, H], for all blocks.
    var relativeBias: String?

    static let bert = ParameterNames(
        wordEmbeddings: "embeddings.word_embeddings.weight",
        positionEmbeddings: "embeddings.position_embeddings.weight",
        tokenTypeEmbeddings: "embeddings.token_type_embeddings.weight", embeddingNorm: "embeddings.LayerNorm",
        blocks: "encoder.layer.", query: ParameterSlice("attention.self.query"),
        key: ParameterSlice("attention.self.key"), value: ParameterSlice("attention.self.value"),
        attentionOutput: "attention.output.dense", attentionNorm: "attention.output.LayerNorm",
        intermediate: "intermediate.dense", output: "output.dense", outputNorm: "output.LayerNorm",
        adapters: "output.adapters")

    static let distilbert = ParameterNames(
        wordEmbeddings: "embeddings.word_embeddings.weight",
        positionEmbeddings: "embeddings.position_embeddings.weight", embeddingNorm: "embeddings.LayerNorm",
        blocks: "transformer.layer.", query: ParameterSlice("attention.q_lin"), key: ParameterSlice("attention.k_lin"),
        value: ParameterSlice("attention.v_lin"), attentionOutput: "attention.out_lin", attentionNorm: "sa_layer_norm",
        intermediate: "ffn.lin1", output: "ffn.lin2", outputNorm: "output_layer_norm",
        adapters: "output_adapters.adapters")

    static let mpnet = ParameterNames(
        wordEmbeddings: "embeddings.word_embeddings.weight",
        positionEmbeddings: "embeddings.position_embeddings.weight", embeddingNorm: "embeddings.LayerNorm",
        blocks: "encoder.layer.", query: ParameterSlice("attention.attn.q"), key: ParameterSlice("attention.attn.k"),
        value: ParameterSlice("attention.attn.v"), attentionOutput: "attention.attn.o",
        attentionNorm: "attention.LayerNorm", intermediate: "intermediate.dense", output: "output.dense",
        outputNorm: "output.LayerNorm", adapters: "output.adapters",
        relativeBias: "encoder.relative_attention_bias.weight")

    static let modernbert = ParameterNames(
        wordEmbeddings: "embeddings.tok_embeddings.weight", embeddingNorm: "embeddings.norm", blocks: "layers.",
        query: ParameterSlice("attn.Wqkv", 0, of: 3), key: ParameterSlice("attn.Wqkv", 1, of: 3),
        value: ParameterSlice("attn.Wqkv", 2, of: 3), attentionOutput: "attn.Wo", attentionNorm: "attn_norm",
        intermediate: "mlp.Wi", output: "mlp.Wo", outputNorm: "mlp_norm", adapters: "output_adapters.adapters",
        finalNorm: "final_norm")

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

    /// Every parameter of the encoder with its shape, in the order Hugging Face lists those of BERT; a linear layer's
    /// weight is [out, in].
    package var parameters: [(name: String, shape: [Int])] {
        let C = hiddenSize, I = intermediateSize, wide = wideSize
        var list: [(name: String, shape: [Int])] = [(names.wordEmbeddings, [vocabularySize, C])]
        if let name = names.positionEmbeddings { list.append((name, [positionCount, C])) }
        if let name = names.tokenTypeEmbeddings { list.append((name, [tokenTypeCount, C])) }
        func add(_ name: String, _ shape: [Int], bias: Bool) {
            // A tensor cut into slices is one parameter.
            if list.last.map({ [name + ".weight", name + ".bias"].contains($0.name) }) ?? false { return }
            list.append((name + ".weight", shape))
            if bias { list.append((name + ".bias", [shape[0]])) }
        }
        add(names.embeddingNorm, [C], bias: biases.norms)
        for layer in 0..<layerCount {
            for slice in [names.query, names.key, names.value] {
                add(names.block(layer, slice.name), [C * slice.of, C], bias: biases.attention)
            }
            add(names.block(layer, names.attentionOutput), [C, C], bias: biases.attention)
            if hasAttentionNorm(layer) { add(names.block(layer, names.attentionNorm), [C], bias: biases.norms) }
            add(names.block(layer, names.intermediate), [wide, C], bias: biases.feedForward)
            add(names.block(layer, names.output), [C, I], bias: biases.feedForward)
            add(names.block(layer, names.outputNorm), [C], bias: biases.norms)
        }
        if let name = names.finalNorm { add(name, [C], bias: biases.norms) }
        if let name = names.relativeBias { list.append((name, [relativeBuckets, headCount])) }
        return list
    }

    /// The first block of a family that normalises before its layers reads the embeddings as they are.
    func hasAttentionNorm(_ layer: Int) -> Bool { architecture.norm == .afterResidual || layer > 0 }
}
