import Foundation

/// The bytes of a safetensors file, written down here on their own: the code under test has another writer.
package enum SafetensorsFixture {
    /// - Parameter tensors: float32, row by row, in the order they lie in the file.
    package static func data(_ tensors: [(name: String, shape: [Int], values: [Float])]) -> Data {
        var header: [String] = [], end = 0
        for (name, shape, values) in tensors {
            let start = end, extents = shape.map(String.init).joined(separator: ",")
            end += values.count * 4
            header.append("\"\(name)\":{\"dtype\":\"F32\",\"shape\":[\(extents)],\"data_offsets\":[\(start),\(end)]}")
        }
        let text = "{" + header.joined(separator: ",") + "}"
        let padded = text + String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
        var data = Data()
        withUnsafeBytes(of: UInt64(padded.utf8.count).littleEndian) { data.append(contentsOf: $0) }
        data.append(contentsOf: padded.utf8)
        for (_, _, values) in tensors { values.withUnsafeBytes { data.append(contentsOf: $0) } }
        return data
    }
}
