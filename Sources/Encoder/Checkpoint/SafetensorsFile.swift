import Files
import Foundation
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

    /// A tensor takes some hundred bytes of it, so this is room for a hundred thousand tensors and more; parsed as JSON
    /// it takes sixty times as much memory.
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
        let json = file.data(8..<dataStart)
        let parsed: Any
        do {
            parsed = try JSONSerialization.jsonObject(with: json)
        } catch {
            throw CheckpointError.header(path: path, reason: "its header is not valid JSON")
        }
        guard let table = parsed as? [String: Any] else {
            throw CheckpointError.header(path: path, reason: "its header is not a JSON object")
        }
        var entries: [String: Entry] = [:]
        for (name, value) in table where name != "__metadata__" {
            entries[name] = try entry(name, value, dataStart: dataStart, file: file)
        }
        return entries
    }

    private static func entry(_ name: String, _ value: Any, dataStart: Int, file: MappedFile) throws -> Entry {
        guard let fields = value as? [String: Any], let typeName = fields["dtype"] as? String,
            let shape = fields["shape"] as? [Int], shape.allSatisfy({ $0 >= 0 }),
            let offsets = fields["data_offsets"] as? [Int], offsets.count == 2, offsets[0] >= 0,
            offsets[1] >= offsets[0]
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
