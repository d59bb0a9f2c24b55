import Foundation

/// A BERT-shaped checkpoint folder of a few kilobytes with seeded random weights: one block, eight dimensions.
enum TinyCheckpoint {
    static let hiddenSize = 8
    static let layerCount = 1
    static let words = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "dog", "cat", "house", "blue", "ice", "cream", "koira", "kissa",
        "talo", "sininen", "jäätelö", "##s",
    ]

    static func write(to folder: String, seed: UInt64 = 1) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try """
            {"model_type": "bert", "vocab_size": \(words.count), "hidden_size": 8, "num_hidden_layers": 1,
             "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 16, "type_vocab_size": 2,
             "layer_norm_eps": 1e-12, "pad_token_id": 0, "hidden_act": "gelu"}
            """.write(toFile: folder + "/config.json", atomically: false, encoding: .utf8)
        try (words.joined(separator: "\n") + "\n")
            .write(toFile: folder + "/vocab.txt", atomically: false, encoding: .utf8)
        try #"{"tokenizer_class": "BertTokenizer", "do_lower_case": false}"#
            .write(toFile: folder + "/tokenizer_config.json", atomically: false, encoding: .utf8)
        try weights(seed: seed).write(to: URL(fileURLWithPath: folder + "/model.safetensors"))
    }

    private static func weights(seed: UInt64) -> Data {
        var tensors: [(String, [Int])] = [
            ("embeddings.word_embeddings.weight", [words.count, 8]), ("embeddings.position_embeddings.weight", [16, 8]),
            ("embeddings.token_type_embeddings.weight", [2, 8]), ("embeddings.LayerNorm.weight", [8]),
            ("embeddings.LayerNorm.bias", [8]),
        ]
        for (part, shape) in [
            ("attention.self.query", [8, 8]), ("attention.self.key", [8, 8]), ("attention.self.value", [8, 8]),
            ("attention.output.dense", [8, 8]), ("attention.output.LayerNorm", [8]), ("intermediate.dense", [16, 8]),
            ("output.dense", [8, 16]), ("output.LayerNorm", [8]),
        ] {
            tensors.append(("encoder.layer.0.\(part).weight", shape))
            tensors.append(("encoder.layer.0.\(part).bias", [shape[0]]))
        }
        var random = SeededGenerator(state: seed)
        var values: [Float] = []
        var header: [String] = []
        for (name, shape) in tensors {
            let start = values.count * 4
            values += (0..<shape.reduce(1, *)).map { _ in random.unit() }
            let shapeText = shape.map(String.init).joined(separator: ",")
            header.append(
                "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[\(shapeText)],\"data_offsets\":[\(start),\(values.count * 4)]}")
        }
        let text = "{" + header.joined(separator: ",") + "}"
        let padded = text + String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
        var data = Data()
        withUnsafeBytes(of: UInt64(padded.utf8.count).littleEndian) { data.append(contentsOf: $0) }
        data.append(contentsOf: padded.utf8)
        values.withUnsafeBytes { data.append(contentsOf: $0) }
        return data
    }
}
