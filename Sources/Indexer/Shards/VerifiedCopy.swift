import Diagnostics
import Files
import Fingerprinting
import Glibc
import Store

/// Copies a layer file and knows that what was written is what the record says.
enum VerifiedCopy {
    /// Written under a temporary name, flushed, renamed, its folder flushed too.
    /// - Throws: `StoreError.damagedLayerFile` when the bytes are not those of the record.
    static func copy(
        _ record: LayerRecord, from source: ContainedFolder, to name: String, in target: ContainedFolder
    ) throws -> (bytes: Int, checksum: Fingerprint) {
        let original = try source.open(record.file, for: .reading)
        let parent = DurableFolder.parent(of: name)
        let folder = try target.makeFolder(parent)
        let partial = Store.partialName(of: name, by: getpid())
        do {
            let (bytes, checksum) = try copy(original, to: try target.open(partial, for: .replacing))
            guard bytes == record.bytes, checksum == record.checksum else {
                throw StoreError.damagedLayerFile(
                    path: original.path, expected: "\(record.bytes) bytes with checksum \(record.checksum.short)",
                    found: "\(bytes) with \(checksum.short)")
            }
            try target.rename(partial, to: name)
            try folder.sync()
            return (bytes, checksum)
        } catch {
            try? target.remove(partial)
            throw error
        }
    }

    private static func copy(_ source: RegularFile, to target: RegularFile) throws -> (Int, Fingerprint) {
        let builder = FingerprintBuilder()
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 64)
        defer { chunk.deallocate() }
        var offset = 0
        while true {
            let count = try Transfer.read(source.descriptor, into: chunk, at: offset, path: source.path)
            if count == 0 { break }
            let bytes = UnsafeRawBufferPointer(rebasing: chunk[..<count])
            try Transfer.write(target.descriptor, bytes, at: offset, path: target.path)
            builder.combine(bytes: bytes)
            offset += count
        }
        guard fsync(target.descriptor) == 0 else {
            throw SystemFault(operation: "flush", path: target.path, code: errno)
        }
        return (offset, builder.finish())
    }
}
