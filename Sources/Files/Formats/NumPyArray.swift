#if canImport(Glibc)
import Glibc
#endif

/// An array in NumPy's `.npy` format, version 1 to 3: row-major, little-endian numbers or fixed-width text.
package struct NumPyArray {
    package let shape: [Int]
    private let type: String
    private let body: ArraySlice<UInt8>
    private let path: String
    private let name: String

    /// - Parameters:
    ///   - path: the archive, for errors.
    ///   - name: the array's name in it.
    /// - Throws: `FileError`.
    package init(bytes: [UInt8], path: String, name: String) throws {
        self.path = path
        self.name = name
        let problem = { (expected: String, found: String) in
            Self.problem(path: path, name: name, expected: expected, found: found)
        }
        guard bytes.count >= 12, bytes.starts(with: [0x93] + Array("NUMPY".utf8)), (1...3).contains(bytes[6]) else {
            throw problem("a NumPy array", "other bytes")
        }
        let wide = bytes[6] > 1
        let length = Int(bytes[8]) | Int(bytes[9]) << 8 | (wide ? Int(bytes[10]) << 16 | Int(bytes[11]) << 24 : 0)
        let start = (wide ? 12 : 10) + length
        guard start <= bytes.count else { throw problem("a header of \(length) bytes", "\(bytes.count) bytes in all") }
        let header = String(decoding: bytes[(wide ? 12 : 10)..<start], as: UTF8.self)
        guard let type = Self.value(of: "descr", in: header, between: "'", and: "'"),
            let shapeText = Self.value(of: "shape", in: header, between: "(", and: ")"),
            header.contains("'fortran_order': False")
        else { throw problem("a row-major array of a plain type", "the header \(header.prefix(80))") }
        var shape: [Int] = []
        for part in shapeText.utf8.split(separator: UInt8(ascii: ",")) {
            let text = String(decoding: part, as: UTF8.self).filter { $0 != " " }
            if text.isEmpty { continue }
            guard let size = Int(text), size >= 0 else { throw problem("a shape", "(\(shapeText.prefix(40)))") }
            shape.append(size)
        }
        guard let width = Self.width(of: type) else { throw problem("numbers or text", "the type \(type.prefix(20))") }
        var count = width
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else { throw problem("a shape that fits in memory", "(\(shapeText.prefix(40)))") }
            count = product
        }
        guard bytes.count - start == count else {
            throw problem("\(count) bytes for the shape (\(shapeText.prefix(40)))", "\(bytes.count - start)")
        }
        self.shape = shape
        self.type = type
        body = bytes[start...]
    }

    /// The elements as text: `<U` types, UTF-32 padded with zeros.
    /// - Throws: `FileError`.
    package func texts() throws -> [String] {
        guard type.hasPrefix("<U"), shape.count == 1, let width = Self.width(of: type), width > 0 else {
            throw Self.problem(
                path: path, name: name, expected: "a list of texts", found: "the type \(type), shape \(shape)")
        }
        return try (0..<shape[0]).map { row in
            var text = String.UnicodeScalarView()
            for place in 0..<width / 4 {
                let value = UInt32(truncatingIfNeeded: little(at: row * width + place * 4, bytes: 4))
                if value == 0 { break }
                guard let scalar = Unicode.Scalar(value) else {
                    throw Self.problem(path: path, name: name, expected: "Unicode text", found: "the number \(value)")
                }
                text.append(scalar)
            }
            return String(text)
        }
    }

    /// The elements as numbers: `<f4` or `<f8`.
    /// - Throws: `FileError`.
    package func numbers() throws -> [Double] {
        let numbers: [Double]
        switch type {
        case "<f4":
            numbers = (0..<body.count / 4).map {
                Double(Float(bitPattern: UInt32(truncatingIfNeeded: little(at: $0 * 4, bytes: 4))))
            }
        case "<f8": numbers = (0..<body.count / 8).map { Double(bitPattern: little(at: $0 * 8, bytes: 8)) }
        default:
            throw Self.problem(path: path, name: name, expected: "the type <f4 or <f8", found: type)
        }
        guard numbers.allSatisfy({ !$0.isInfinite }) else {
            throw Self.problem(path: path, name: name, expected: "finite numbers", found: "an infinite one")
        }
        return numbers
    }

    private func little(at offset: Int, bytes count: Int) -> UInt64 {
        let start = body.startIndex + offset
        return (0..<count).reduce(0) { $0 | UInt64(body[start + $1]) << UInt64(8 * $1) }
    }

    /// Bytes of an element; nil for types that are not read.
    private static func width(of type: String) -> Int? {
        switch type {
        case "<f4": return 4
        case "<f8": return 8
        default:
            guard type.hasPrefix("<U"), let length = Int(type.dropFirst(2)), (1...10_000).contains(length) else {
                return nil
            }
            return length * 4
        }
    }

    /// What stands between two marks after a key of the header's Python dictionary.
    private static func value(of key: String, in header: String, between open: String, and close: String) -> String? {
        let bytes = Array(header.utf8)
        let mark = Array("'\(key)':".utf8)
        guard bytes.count >= mark.count,
            let at = (0...bytes.count - mark.count).first(where: { bytes[$0..<$0 + mark.count].elementsEqual(mark) }),
            let start = bytes[(at + mark.count)...].firstIndex(of: Array(open.utf8)[0]),
            let end = bytes[(start + 1)...].firstIndex(of: Array(close.utf8)[0])
        else { return nil }
        return String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
    }

    private static func problem(path: String, name: String, expected: String, found: String) -> FileError {
        .malformed(
            path: path, offset: 0, expected: "\(expected) in the array \(name)", found: found,
            advice: "take lang2vec's feature_predictions.npz, or a table of text")
    }
}
