import Diagnostics
import Files
import Fingerprinting

/// A `DurableFile` that ends with the hash of everything before it.
struct FingerprintedFile {
    private let file: DurableFile
    private let hash = FingerprintBuilder()

    /// - Throws: `SystemFault`, as everything here.
    init(path: String) throws { file = try DurableFile(path: path) }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        hash.combine(bytes: bytes)
        try file.append(bytes)
    }

    func append(_ floats: UnsafePointer<Float>, count: Int) throws {
        try append(UnsafeRawBufferPointer(start: floats, count: count * 4))
    }

    func append(_ number: UInt64) throws { try withUnsafeBytes(of: number.littleEndian) { try append($0) } }

    /// Appends the hash, makes the file durable and gives it its name.
    func finish() throws {
        let fingerprint = hash.finish()
        try append(fingerprint.high)
        try append(fingerprint.low)
        try file.finish()
    }
}
