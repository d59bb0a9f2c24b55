/// The bytes of a file, unpacked where it is packed, one after another in bounded memory.
package struct ByteStream {
    package let path: String
    /// How many bytes have been taken.
    package private(set) var offset = 0
    private let source: any ByteSource
    private var buffer: [UInt8]
    private var position = 0
    private var end = 0

    /// - Throws: `FileError`, `SystemFault`.
    package init(path: String) throws {
        guard let stream = try ByteStream(opening: { try OpenedSource.open(path, sniffing: $0) }) else {
            preconditionFailure("opening a file gives a source or throws")
        }
        self = stream
    }

    /// - Parameter opening: fills a buffer with the first bytes; nil when there is nothing to open.
    init?(opening: (UnsafeMutableRawBufferPointer) throws -> OpenedSource?) throws {
        buffer = [UInt8](repeating: 0, count: 64 << 10)
        guard let opened = try buffer.withUnsafeMutableBytes(opening) else { return nil }
        (path, source, end) = (opened.path, opened.source, opened.count)
    }

    /// The next byte without taking it, or nil at the end.
    package mutating func peek() throws -> UInt8? {
        if position == end {
            position = 0
            end = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
            if end == 0 { return nil }
        }
        return buffer[position]
    }

    /// Takes the next byte, or nil at the end.
    @inline(__always)
    package mutating func next() throws -> UInt8? {
        guard let byte = try peek() else { return nil }
        position += 1
        offset += 1
        return byte
    }
}
