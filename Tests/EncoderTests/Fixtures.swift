import CZlib
import Foundation
import TestSupport

@testable import Encoder

/// Golden checkpoints made by tools/goldens/make-encoder-goldens.
enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
        .path

    static let checkpoints = ["tiny-bert", "tiny-xlmr", "tiny-distilbert", "tiny-mpnet", "tiny-modernbert"]

    struct Golden: Decodable {
        struct Case: Decodable {
            let ids: [Int32]
            let second_segment_start: Int
            let pooled: [Int]
            let layers: [[Float]]

            var sequence: TokenSequence {
                TokenSequence(ids: ids, secondSegmentStart: second_segment_start, pooled: pooled[0]..<pooled[1])
            }
        }
        let cases: [Case]
    }

    static func golden(_ name: String) throws -> Golden {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)/golden.json"))
        return try JSONDecoder().decode(Golden.self, from: data)
    }

    static func temporaryFolder() throws -> String { try TemporaryFolder.ofProcess() }

    /// A zip archive of stored members, as torch lays them out.
    static func zip(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var file: [UInt8] = [], directory: [UInt8] = []
        let zeros = { (count: Int) in [UInt8](repeating: 0, count: count) }
        for (name, bytes) in members {
            let checksum = UInt32(crc32(0, bytes, UInt32(bytes.count))).littleEndianBytes
            let size = UInt32(bytes.count).littleEndianBytes, length = UInt16(name.utf8.count).littleEndianBytes
            directory += [0x50, 0x4b, 1, 2] + zeros(12) + checksum + size + size + length + zeros(12)
            directory += UInt32(file.count).littleEndianBytes + Array(name.utf8)
            // Torch writes the sizes behind the data.
            file += [0x50, 0x4b, 3, 4] + zeros(22) + length + zeros(2) + Array(name.utf8) + bytes
        }
        let count = UInt16(members.count).littleEndianBytes
        return file + directory + [0x50, 0x4b, 5, 6] + zeros(4) + count + count
            + UInt32(directory.count).littleEndianBytes + UInt32(file.count).littleEndianBytes + zeros(2)
    }

    /// A copy of a fixture whose config.json and tensors went through `edit`.
    static func variant(
        of name: String, config editConfig: (inout [String: Any]) -> Void = { _ in },
        tensors edit: (inout [String: TestTensor]) -> Void = { _ in }
    ) throws -> String {
        let target = try temporaryFolder(), source = "\(folder)/\(name)"
        var config =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: source + "/config.json")))
            as! [String: Any]
        editConfig(&config)
        try JSONSerialization.data(withJSONObject: config, options: .sortedKeys).write(
            to: URL(fileURLWithPath: target + "/config.json"))
        var tensors = try TestTensor.read(source + "/model.safetensors")
        edit(&tensors)
        try TestTensor.write(tensors, to: target + "/model.safetensors")
        return target
    }

    /// Encodes sequences one batch at a time; [layer][sequence] → vector.
    static func encode(_ engine: any EncodingEngine, _ batch: [TokenSequence], layers: [Int]? = nil) -> [[[Float]]] {
        let layers = layers ?? Array(0...engine.layerCount), C = engine.dimension
        var out = [Float](repeating: .nan, count: layers.count * batch.count * C)
        engine.makeWorker().encode(batch, layers: layers, into: &out)
        return layers.indices.map { layer in
            batch.indices.map { row in
                let at = (layer * batch.count + row) * C
                return Array(out[at..<(at + C)])
            }
        }
    }
}

/// A tensor as bytes, to write checkpoints that differ from a fixture in one thing.
struct TestTensor {
    var type: String
    var shape: [Int]
    var bytes: Data

    var floats: [Float] {
        get { bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) } }
        set { bytes = newValue.withUnsafeBytes { Data($0) } }
    }

    static func read(_ path: String) throws -> [String: TestTensor] {
        let file = try SafetensorsFile(path: path)
        return file.entries.mapValues {
            TestTensor(type: $0.typeName, shape: $0.shape, bytes: file.file.data($0.range))
        }
    }

    static func write(_ tensors: [String: TestTensor], to path: String) throws {
        var header: [String: Any] = ["__metadata__": ["format": "pt"]]
        var body = Data()
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            header[name] = [
                "dtype": tensor.type, "shape": tensor.shape,
                "data_offsets": [body.count, body.count + tensor.bytes.count],
            ]
            body.append(tensor.bytes)
        }
        let json = try JSONSerialization.data(withJSONObject: header, options: .sortedKeys)
        var file = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
        file.append(json)
        file.append(body)
        try file.write(to: URL(fileURLWithPath: path))
    }
}
