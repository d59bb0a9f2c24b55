import Foundation

/// A BERT-shaped checkpoint folder of a few kilobytes with seeded random weights.
package struct TinyCheckpoint {
    package var layerCount = 2
    package var hiddenSize = 16
    package var headCount = 4
    package var intermediateSize = 32
    package var positionCount = 32
    package var seed: UInt64 = 1
    /// Puts NaN into one weight of the last block.
    package var poisoned = false
    /// WordPieces beside the special tokens; letters and digits when nothing else is said.
    package var pieces = "abcdefghijklmnopqrstuvwxyz0123456789".flatMap { [String($0), "##\($0)"] }

    package init(layerCount: Int = 2, hiddenSize: Int = 16, intermediateSize: Int = 32, seed: UInt64 = 1) {
        self.layerCount = layerCount
        self.hiddenSize = hiddenSize
        self.intermediateSize = intermediateSize
        self.seed = seed
    }

    private var vocabulary: [String] { ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + pieces }

    package func write(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let configuration = """
            {"model_type": "bert", "vocab_size": \(vocabulary.count), "hidden_size": \(hiddenSize),
             "num_hidden_layers": \(layerCount), "num_attention_heads": \(headCount),
             "intermediate_size": \(intermediateSize), "max_position_embeddings": \(positionCount),
             "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0, "hidden_act": "gelu"}
            """
        for (name, contents) in [
            ("config.json", configuration), ("vocab.txt", vocabulary.joined(separator: "\n") + "\n"),
            ("tokenizer_config.json", #"{"tokenizer_class": "BertTokenizer", "do_lower_case": false}"#),
        ] { try contents.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8) }
        try weights().write(to: URL(fileURLWithPath: folder + "/model.safetensors"))
    }

    /// Names and shapes as Hugging Face's BERT has them, written down here on their own: the code under test has
    /// another list.
    private var tensors: [(name: String, shape: [Int])] {
        let C = hiddenSize, I = intermediateSize
        var tensors: [(String, [Int])] = [
            ("embeddings.word_embeddings.weight", [vocabulary.count, C]),
            ("embeddings.position_embeddings.weight", [positionCount, C]),
            ("embeddings.token_type_embeddings.weight", [2, C]), ("embeddings.LayerNorm.weight", [C]),
            ("embeddings.LayerNorm.bias", [C]),
        ]
        for layer in 0..<layerCount {
            for (part, shape) in [
                ("attention.self.query", [C, C]), ("attention.self.key", [C, C]), ("attention.self.value", [C, C]),
                ("attention.output.dense", [C, C]), ("attention.output.LayerNorm", [C]),
                ("intermediate.dense", [I, C]),
                ("output.dense", [C, I]), ("output.LayerNorm", [C]),
            ] {
                tensors.append(("encoder.layer.\(layer).\(part).weight", shape))
                tensors.append(("encoder.layer.\(layer).\(part).bias", [shape[0]]))
            }
        }
        return tensors
    }

    private func weights() -> Data {
        var random = SeededGenerator(state: seed)
        let pattern = (0..<4099).map { _ in Float(random.next() % 2001) / 5000 - 0.2 }
        return SafetensorsFixture.data(
            tensors.map { name, shape in
                let count = shape.reduce(1, *)
                var values: [Float] = []
                if name.hasSuffix("LayerNorm.weight") {
                    values = Array(repeating: 1, count: count)
                } else {
                    // A prime length, so that rows differ; whole pieces, because single ones are slow in debug builds.
                    while values.count < count { values += pattern.prefix(count - values.count) }
                }
                if poisoned, name.hasSuffix("layer.\(layerCount - 1).output.dense.weight") { values[3] = .nan }
                return (name, shape, values)
            })
    }
}
