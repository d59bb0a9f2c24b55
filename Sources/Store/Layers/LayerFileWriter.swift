import CFaiss
import Diagnostics
import Files
import Fingerprinting
import Glibc

/// Writes one layer file durably: temporary name in the same folder, fsync, rename, fsync of the folder.
///
/// A file that is not finished is removed again. Bytes are hashed on their way.
final class LayerFileWriter {
    /// Temporary names end so; whatever bears such a name is nobody's once no builder runs.
    static let partialSuffix = ".partial"

    private let path: String
    private let partialPath: String
    private let folder: String
    private let builder = FingerprintBuilder()
    private var descriptor: Int32
    private var written = 0
    private var failure: SystemFault?

    init(path: String) throws {
        self.path = path
        folder = DurableFolder.parent(of: path)
        try DurableFolder.create(folder)
        let name = path.dropFirst(folder.count + 1)
        partialPath = "\(folder)/.\(name).\(getpid())\(Self.partialSuffix)"
        descriptor = open(partialPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemFault(operation: "create", path: partialPath, code: errno) }
    }

    deinit {
        if descriptor >= 0 {
            close(descriptor)
            unlink(partialPath)
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        // In pieces, so that what is hashed is still in the cache when it is written.
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 20))
            builder.combine(bytes: piece)
            try Transfer.write(descriptor, piece, path: path)
            written += piece.count
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
        }
    }

    /// Makes the file durable under its final name; one that was there is replaced, readers that have it open keep it.
    func finish() throws -> (bytes: Int, checksum: Fingerprint) {
        guard fsync(descriptor) == 0 else { throw SystemFault(operation: "sync", path: path, code: errno) }
        let closing = close(descriptor)
        descriptor = -1
        guard closing == 0, rename(partialPath, path) == 0 else {
            let code = errno
            unlink(partialPath)
            throw SystemFault(operation: "rename the finished file to", path: path, code: code)
        }
        try DurableFolder.sync(folder)
        return (written, builder.finish())
    }

    /// Runs a function of the FAISS shim that writes into a sink, and sends its bytes to this file.
    /// - Throws: the `SystemFault` that stopped the sink, else what FAISS says.
    func appendFromFaiss(_ call: (cfaiss_sink, UnsafeMutableRawPointer) -> Int32) throws {
        failure = nil
        let status = call(
            { context, bytes, count in
                guard let context else { return -1 }
                return Unmanaged<LayerFileWriter>.fromOpaque(context).takeUnretainedValue().receive(bytes, count)
            }, Unmanaged.passUnretained(self).toOpaque())
        if let failure { throw failure }
        guard status == 0 else {
            throw StoreError.indexLibrary(path: path, reason: String(cString: cfaiss_last_error()))
        }
    }

    private func receive(_ bytes: UnsafeRawPointer?, _ count: Int) -> Int32 {
        do {
            try append(UnsafeRawBufferPointer(start: bytes, count: count))
            return 0
        } catch let fault as SystemFault {
            failure = fault
            return -1
        } catch {
            return -1
        }
    }
}
