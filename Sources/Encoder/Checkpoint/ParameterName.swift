/// Canonical names and shapes of the parameters of a BERT-shaped encoder, in the order Hugging Face lists them.
package enum ParameterName {
    package static let wordEmbeddings = "embeddings.word_embeddings.weight"
    package static let positionEmbeddings = "embeddings.position_embeddings.weight"
    package static let tokenTypeEmbeddings = "embeddings.token_type_embeddings.weight"
    package static let embeddingNorm = "embeddings.LayerNorm"

    package static func block(_ layer: Int, _ part: String) -> String { "encoder.layer.\(layer).\(part)" }

    /// Every parameter with its shape; a linear layer's weight is [out, in].
    package static func all(of configuration: TransformerConfiguration) -> [(name: String, shape: [Int])] {
        let C = configuration.hiddenSize, I = configuration.intermediateSize
        var list: [(name: String, shape: [Int])] = [
            (wordEmbeddings, [configuration.vocabularySize, C]),
            (positionEmbeddings, [configuration.positionCount, C]),
            (tokenTypeEmbeddings, [configuration.tokenTypeCount, C]),
            (embeddingNorm + ".weight", [C]),
            (embeddingNorm + ".bias", [C]),
        ]
        let parts: [(String, [Int])] = [
            ("attention.self.query", [C, C]), ("attention.self.key", [C, C]), ("attention.self.value", [C, C]),
            ("attention.output.dense", [C, C]), ("attention.output.LayerNorm", [C]),
            ("intermediate.dense", [I, C]), ("output.dense", [C, I]), ("output.LayerNorm", [C]),
        ]
        for layer in 0..<configuration.layerCount {
            for (part, shape) in parts {
                list.append((block(layer, part + ".weight"), shape))
                list.append((block(layer, part + ".bias"), [shape[0]]))
            }
        }
        return list
    }
}
