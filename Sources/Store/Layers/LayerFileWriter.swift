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
    private let folder: ContainedFolder
    private let name: String
    private let partialName: String
    private let builder = FingerprintBuilder()
    /// Nil once it has its name.
    private var file: RegularFile?
    private var written = 0
    private var failure: SystemFault?

    /// - Parameter path: relative to the store, "data/mbert/words/fi/layer-07.0123456789ab.faiss".
    init(_ path: String, in store: ContainedFolder) throws {
        self.path = store.path(of: path)
        folder = try store.makeFolder(DurableFolder.parent(of: path))
        name = String(path[path.index(after: path.lastIndex(of: "/") ?? path.startIndex)...])
        partialName = ".\(name).\(getpid())\(Self.partialSuffix)"
        file = try folder.open(partialName, for: .replacing)
    }

    deinit { if file != nil { try? folder.remove(partialName) } }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard let file else { preconditionFailure("\(path) is finished") }
        var rest = bytes
        // In pieces, so that what is hashed is still in the cache when it is written.
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 20))
            builder.combine(bytes: piece)
            try Transfer.write(file.descriptor, piece, path: path)
            written += piece.count
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
        }
    }

    /// Makes the file durable under its final name; one that was there is replaced, readers that have it open keep it.
    func finish() throws -> (bytes: Int, checksum: Fingerprint) {
        guard let file else { preconditionFailure("\(path) is finished once") }
        guard fsync(file.descriptor) == 0 else { throw SystemFault(operation: "sync", path: path, code: errno) }
        try folder.rename(partialName, to: name)
        self.file = nil
        try folder.sync()
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
