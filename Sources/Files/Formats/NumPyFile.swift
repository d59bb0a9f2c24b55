import Diagnostics

/// A NumPy `.npy` file (format 1.0) of little-endian float32, written in pieces; the first axis may be unknown until
/// the end.
///
/// Source: numpy/lib/format.py, "Format Version 1.0".
package final class NumPyFile {
    /// Room for three axes of any size; a multiple of 64, as NumPy wants it.
    private static let headerBytes = 128

    private let file: DurableFile
    /// Axes after the first.
    private let rowShape: [Int]

    package var path: String { file.path }
    private var rowBytes: Int { rowShape.reduce(4, *) }

    package init(path: String, rowShape: [Int]) throws {
        file = try DurableFile(path: path)
        self.rowShape = rowShape
        try writeHeader(rows: 0)
    }

    /// Writes whole rows at their place.
    package func write(_ floats: UnsafeBufferPointer<Float>, atRow row: Int) throws {
        precondition(floats.count * 4 % rowBytes == 0)
        try file.write(UnsafeRawBufferPointer(floats), at: Self.headerBytes + row * rowBytes)
    }

    package func finish(rows: Int) throws {
        try writeHeader(rows: rows)
        try file.finish()
    }

    private func writeHeader(rows: Int) throws {
        let shape = ([rows] + rowShape).map(String.init).joined(separator: ", ")
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape)\(rowShape.isEmpty ? "," : "")), }"
        let room = Self.headerBytes - 10 - 1
        precondition(text.utf8.count <= room)
        text += String(repeating: " ", count: room - text.utf8.count) + "\n"
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        bytes += [UInt8((room + 1) & 0xFF), UInt8((room + 1) >> 8)]
        bytes += Array(text.utf8)
        try bytes.withUnsafeBytes { try file.write($0, at: 0) }
    }
}
