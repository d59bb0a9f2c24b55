import Files
import Kernels

/// A tensor of a mapped file, read as float32 row by row, however it lies there.
package struct MappedTensor: Sendable {
    /// As the file has it.
    package let name: String
    package let shape: [Int]
    package let type: SafetensorsFile.ElementType
    package let file: MappedFile
    /// Bytes from its first number to its last.
    private let range: Range<Int>
    /// Numbers from one to the next along each axis; nil where they lie row by row.
    private let strides: [Int]?

    package var count: Int { shape.reduce(1, *) }

    /// - Parameter entry: of `file`, which checked that its numbers lie in it.
    init(name: String, type: SafetensorsFile.ElementType, file: MappedFile, entry: SafetensorsFile.Entry) {
        (self.name, self.type, self.file) = (name, type, file)
        (shape, range, strides) = (entry.shape, entry.range, entry.strides)
    }

    /// Widens `count` elements from `start` on to float32.
    package func read(start: Int, count: Int, into output: UnsafeMutablePointer<Float>) {
        precondition(start >= 0 && count >= 0 && start + count <= self.count)
        file.withBytes { bytes in
            guard count > 0, let base = bytes.baseAddress else { return }
            let first = base + range.lowerBound
            if let strides {
                gather(first, strides, start: start, count: count, into: output)
            } else {
                widen(first + start * type.byteCount, count: count, into: output)
            }
        }
    }

    package func read() -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, filled in
            if let base = buffer.baseAddress { read(start: 0, count: count, into: base) }
            filled = count
        }
    }

    private func widen(_ source: UnsafeRawPointer, count: Int, into output: UnsafeMutablePointer<Float>) {
        switch type {
        case .float32: UnsafeMutableRawPointer(output).copyMemory(from: source, byteCount: count * 4)
        case .float16: Conversion.widen(half: source, count: count, into: output)
        case .float64: Conversion.narrow(double: source, count: count, into: output)
        case .bfloat16: Conversion.widen(bfloat16: source, count: count, into: output)
        }
    }

    /// One number at a time: a checkpoint's weights take a second or two, once.
    private func gather(
        _ first: UnsafeRawPointer, _ strides: [Int], start: Int, count: Int, into output: UnsafeMutablePointer<Float>
    ) {
        var place = [Int](repeating: 0, count: shape.count), rest = start
        for axis in shape.indices.reversed() {
            (rest, place[axis]) = rest.quotientAndRemainder(dividingBy: shape[axis])
        }
        var offset = zip(place, strides).reduce(0) { $0 + $1.0 * $1.1 }
        for number in 0..<count {
            widen(first + offset * type.byteCount, count: 1, into: output + number)
            for axis in shape.indices.reversed() {
                place[axis] += 1
                offset += strides[axis]
                guard place[axis] == shape[axis] else { break }
                offset -= shape[axis] * strides[axis]
                place[axis] = 0
            }
        }
    }
}
