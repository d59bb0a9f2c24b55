import Diagnostics
import Files

#if canImport(Glibc)
import Glibc
#endif

/// A file without a name that is written once, then read once from its start; the system removes it with the process.
final class ScratchFile {
    private let descriptor: Int32
    private let folder: String
    /// What one system call reads.
    private let chunk: UnsafeMutableRawBufferPointer
    private var buffer: [UInt8] = []
    private var position = 0
    private var isReading = false
    private let capacity: Int

    /// - Parameters:
    ///   - folder: where the file's blocks lie.
    ///   - capacity: bytes of memory.
    /// - Throws: `SystemFault`.
    init(folder: String, capacity: Int) throws {
        self.folder = folder
        self.capacity = capacity
        var template = Array("\(folder)/.train-mine-XXXXXX".utf8CString)
        let descriptor = template.withUnsafeMutableBufferPointer { $0.baseAddress.map { mkstemp($0) } ?? -1 }
        guard descriptor >= 0 else {
            throw SystemFault(operation: "create a scratch file in", path: folder, code: errno)
        }
        // Without a name nothing is left behind, however the program ends.
        template.withUnsafeBufferPointer { if let base = $0.baseAddress { _ = unlink(base) } }
        self.descriptor = descriptor
        chunk = .allocate(byteCount: 64 << 10, alignment: 64)
        buffer.reserveCapacity(capacity)
    }

    deinit {
        chunk.deallocate()
        close(descriptor)
    }

    /// Appends the bytes of a fixed-size value.
    func append(_ value: UInt64) throws {
        withUnsafeBytes(of: value.littleEndian) { buffer.append(contentsOf: $0) }
        if buffer.count >= capacity { try flush() }
    }

    func append(_ value: UInt32) throws {
        withUnsafeBytes(of: value.littleEndian) { buffer.append(contentsOf: $0) }
        if buffer.count >= capacity { try flush() }
    }

    /// A text: its length, then its bytes.
    func append(_ text: String) throws {
        try append(UInt32(text.utf8.count))
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= capacity { try flush() }
    }

    /// Ends writing; reading begins at the first byte.
    func rewind() throws {
        try flush()
        guard lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw SystemFault(operation: "rewind", path: name, code: errno)
        }
        isReading = true
    }

    /// The next value, or nil at the end.
    func readUInt64() throws -> UInt64? {
        guard try have(8) else { return nil }
        defer { position += 8 }
        return buffer.withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        }
    }

    func readUInt32() throws -> UInt32? {
        guard try have(4) else { return nil }
        defer { position += 4 }
        return buffer.withUnsafeBytes {
            UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: UInt32.self))
        }
    }

    func readText() throws -> String? {
        guard let count = try readUInt32(), try have(Int(count)) else { return nil }
        defer { position += Int(count) }
        return String(decoding: buffer[position..<position + Int(count)], as: UTF8.self)
    }

    /// Whether `count` bytes stand at `position`, reading more where needed.
    private func have(_ count: Int) throws -> Bool {
        precondition(isReading)
        while buffer.count - position < count {
            buffer.removeSubrange(..<position)
            position = 0
            let read = try Transfer.read(descriptor, into: chunk, path: name)
            buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[..<read]))
            if read == 0 { return false }
        }
        return true
    }

    private func flush() throws {
        precondition(!isReading)
        try buffer.withUnsafeBytes { try Transfer.write(descriptor, $0, path: name) }
        buffer.removeAll(keepingCapacity: true)
    }

    /// What errors call the file.
    private var name: String { "a scratch file in \(folder)" }
}
