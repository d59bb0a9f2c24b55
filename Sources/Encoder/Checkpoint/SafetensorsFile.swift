import Diagnostics
import Files
import Kernels

/// One `.safetensors` file: a JSON header of tensor names, types, shapes and offsets, then the bytes.
///
/// Format: 8 bytes little-endian header length, the header, the data. Every number in the header is checked against
/// the file before it is used.
package final class SafetensorsFile: Sendable {
    package enum ElementType: String, Sendable {
        case float32 = "F32", float16 = "F16", bfloat16 = "BF16", float64 = "F64"
        package var byteCount: Int {
            switch self {
            case .float16, .bfloat16: 2
            case .float32: 4
            case .float64: 8
            }
        }
    }

    /// Where a tensor lies. Types other than those we read (an I64 `position_ids`) are kept by name.
    package struct Entry: Sendable {
        package let typeName: String
        package let shape: [Int]
        /// Byte range in the file.
        package let range: Range<Int>
        /// Numbers from one to the next along each axis; nil where they lie row by row, as in every safetensors file.
        package var strides: [Int]?
    }

    /// A tensor takes some hundred bytes of it, so this is room for a hundred thousand tensors and more.
    static let maximumHeaderBytes = 32 << 20

    package let file: MappedFile
    package let entries: [String: Entry]

    package init(path: String) throws {
        let file = try MappedFile(path: path).refusingForeign()
        self.file = file
        entries = try Self.parseHeader(of: file)
    }

    private static func parseHeader(of file: MappedFile) throws -> [String: Entry] {
        let path = file.path
        guard file.byteCount >= 8 else {
            throw CheckpointError.header(path: path, reason: "it has \(file.byteCount) bytes, a header needs 8")
        }
        let announced = file.withBytes { $0.loadUnaligned(as: UInt64.self).littleEndian }
        guard announced <= UInt64(maximumHeaderBytes) else {
            throw CheckpointError.header(
                path: path,
                reason: "it announces a header of \(announced) bytes, expected at most \(maximumHeaderBytes)")
        }
        guard Int(announced) <= file.byteCount - 8 else {
            throw CheckpointError.header(
                path: path,
                reason: "it announces a header of \(announced) bytes, the file has \(file.byteCount)")
        }
        let dataStart = 8 + Int(announced)
        var entries: [String: Entry] = [:]
        try file.withBytes { bytes in
            let header = UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart]).assumingMemoryBound(to: UInt8.self)
            do {
                try JSONReader.read(header, path: path) { reader in
                    try reader.object { reader, name in
                        guard name != "__metadata__" else { return try reader.skipValue() }
                        entries[name] = try entry(name, &reader, dataStart: dataStart, file: file)
                    }
                }
            } catch FileError.malformed(_, let place, let expected, let found, _) {
                throw CheckpointError.header(
                    path: path, reason: "its header, \(place) of it: expected \(expected), found \(found)")
            }
        }
        return entries
    }

    private static func entry(
        _ name: String, _ reader: inout JSONReader, dataStart: Int, file: MappedFile
    ) throws -> Entry {
        var type: String?, extents: [Int]?, bounds: [Int]?
        func numbers(_ reader: inout JSONReader) throws -> [Int] {
            var numbers: [Int] = []
            try reader.array { reader, _ in numbers.append(try reader.integer()) }
            return numbers
        }
        try reader.object { reader, key in
            switch key {
            case "dtype": type = try reader.string()
            case "shape": extents = try numbers(&reader)
            case "data_offsets": bounds = try numbers(&reader)
            default: try reader.skipValue()
            }
        }
        guard let typeName = type, let shape = extents, shape.allSatisfy({ $0 >= 0 }),
            let offsets = bounds, offsets.count == 2, offsets[0] >= 0, offsets[1] >= offsets[0]
        else {
            throw CheckpointError.header(
                path: file.path, reason: "tensor \(name) has no proper dtype, shape and data_offsets")
        }
        let (end, overflow) = offsets[1].addingReportingOverflow(dataStart)
        guard !overflow, end <= file.byteCount else {
            throw CheckpointError.truncated(
                path: file.path, tensor: name, expectedBytes: overflow ? Int.max : end, foundBytes: file.byteCount)
        }
        if let type = ElementType(rawValue: typeName) {
            var count = type.byteCount
            for extent in shape {
                let (product, overflow) = count.multipliedReportingOverflow(by: extent)
                guard !overflow else {
                    throw CheckpointError.header(path: file.path, reason: "tensor \(name) has shape \(shape)")
                }
                count = product
            }
            guard count == offsets[1] - offsets[0] else {
                throw CheckpointError.header(
                    path: file.path,
                    reason:
                        "tensor \(name) \(typeName) \(shape) needs \(count) bytes, its data_offsets span "
                        + "\(offsets[1] - offsets[0])"
                )
            }
        }
        return Entry(typeName: typeName, shape: shape, range: (dataStart + offsets[0])..<end)
    }
}

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
