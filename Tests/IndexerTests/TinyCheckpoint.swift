import Encoder
import Foundation

/// A BERT-shaped checkpoint folder with seeded random weights whose tokenizer knows letters and digits.
struct TinyCheckpoint {
    var layerCount = 2
    var hiddenSize = 16
    var intermediateSize = 32
    var seed: UInt64 = 1
    /// Puts NaN into one weight of the last block.
    var poisoned = false

    private static let vocabulary =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        + "abcdefghijklmnopqrstuvwxyz0123456789".flatMap { [String($0), "##\($0)"] }

    func write(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let text = """
            {"model_type": "bert", "vocab_size": \(Self.vocabulary.count), "hidden_size": \(hiddenSize),
             "num_hidden_layers": \(layerCount), "num_attention_heads": 4, "intermediate_size": \(intermediateSize),
             "max_position_embeddings": 32, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0,
             "hidden_act": "gelu"}
            """
        for (name, contents) in [
            ("config.json", text), ("vocab.txt", Self.vocabulary.joined(separator: "\n") + "\n"),
            ("tokenizer_config.json", #"{"tokenizer_class": "BertTokenizer", "do_lower_case": false}"#),
        ] { try contents.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8) }
        try weights(try ConfigurationFile.read(folder: folder))
            .write(to: URL(fileURLWithPath: folder + "/model.safetensors"))
    }

    private func weights(_ configuration: TransformerConfiguration) -> Data {
        var random = SeededGenerator(state: seed)
        let pattern = (0..<4099).map { _ in Float(random.next() % 2001) / 5000 - 0.2 }
        var values: [Float] = []
        var header: [String] = []
        for (name, shape) in ParameterName.all(of: configuration) {
            let start = values.count * 4
            let count = shape.reduce(1, *)
            if name.hasSuffix("LayerNorm.weight") {
                values += Array(repeating: 1, count: count)
            } else {
                // A prime length, so that rows differ; whole pieces, because single ones are slow in debug builds.
                while values.count < start / 4 + count { values += pattern.prefix(start / 4 + count - values.count) }
            }
            if poisoned, name.hasSuffix("layer.\(layerCount - 1).output.dense.weight") { values[start / 4 + 3] = .nan }
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
