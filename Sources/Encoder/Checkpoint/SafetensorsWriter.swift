import Diagnostics
import Files

/// Writes a `.safetensors` file of float32 tensors from start to end; it appears under its name when it is complete.
final class SafetensorsWriter {
    private let file: DurableFile
    private var remaining: Int

    /// - Parameter tensors: plain ASCII names and shapes, in the order their data will come.
    /// - Throws: `SystemFault`.
    init(path: String, tensors: [(name: String, shape: [Int])]) throws {
        file = try DurableFile(path: path)
        var offset = 0
        var header = "{\"__metadata__\":{\"format\":\"pt\"}"
        for (name, shape) in tensors {
            let end = offset + shape.reduce(1, *) * 4
            let extents = shape.map(String.init).joined(separator: ",")
            header += ",\"\(name)\":{\"dtype\":\"F32\",\"shape\":[\(extents)],\"data_offsets\":[\(offset),\(end)]}"
            offset = end
        }
        header += "}"
        remaining = offset
        // The data begins at a multiple of eight, as the safetensors library writes it.
        while header.utf8.count % 8 != 0 { header += " " }
        try withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { try file.append($0) }
        try header.withUTF8 { try file.append(UnsafeRawBufferPointer($0)) }
    }

    func append(_ floats: UnsafePointer<Float>, count: Int) throws {
        remaining -= count * 4
        try file.append(UnsafeRawBufferPointer(start: floats, count: count * 4))
    }

    func finish() throws {
        precondition(remaining == 0, "\(remaining) bytes of the announced tensors were not written")
        try file.finish()
    }
}
