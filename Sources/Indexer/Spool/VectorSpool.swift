import Diagnostics
import Files
import Fingerprinting
import Glibc
import Synchronization

/// A file of finished vectors on their way to layer files: what a killed build does not lose.
///
/// It is a sequence of records, each a self-contained bag of sequences: header, digests, then the vectors layer by
/// layer (docs/indexer.md). Records carry the sequences' digests, so any later run that needs one of them can use it,
/// whatever its plan. A record counts only when its checksum holds; the file is cut at the first one that does not.
///
/// Appending is safe from several threads, reading too.
final class VectorSpool: Sendable {
    struct Record: Sendable {
        /// Of the header, in the file.
        let offset: Int
        let count: Int
    }

    let shape: VectorShape
    private let folder: ContainedFolder
    private let name: String
    private let file: RegularFile
    private let state: Mutex<State>

    private struct State {
        var records: [Record] = []
        var end = 0
        var lastSync: Double
        var syncing = false
    }

    /// Seconds between two flushes to the disk: what a power failure, unlike a kill, can cost.
    static let syncInterval = 5.0

    private var path: String { file.path }
    private var descriptor: Int32 { file.descriptor }

    private init(_ name: String, in folder: ContainedFolder, shape: VectorShape, file: RegularFile, state: State) {
        self.name = name
        self.folder = folder
        self.shape = shape
        self.file = file
        self.state = Mutex(state)
    }

    /// An empty spool; the file must not exist.
    static func create(_ name: String, in folder: ContainedFolder, shape: VectorShape) throws -> VectorSpool {
        let file = try folder.open(name, for: .creating)
        return VectorSpool(name, in: folder, shape: shape, file: file, state: State(lastSync: monotonic()))
    }

    /// Opens what an earlier run left; nothing is known to be in it until `recover`.
    static func open(_ name: String, in folder: ContainedFolder, shape: VectorShape) throws -> VectorSpool {
        let file = try folder.open(name, for: .changing)
        return VectorSpool(name, in: folder, shape: shape, file: file, state: State(lastSync: monotonic()))
    }

    /// Reads every byte of a spool just opened, and cuts off what is damaged.
    /// - Parameter visit: called for each sequence found: digest, record, position in the record.
    /// - Returns: the bytes cut off.
    func recover(_ visit: (Fingerprint, Int, Int) -> Void) throws -> Int {
        var records: [Record] = []
        var end = 0
        let size = file.status.bytes
        while let found = try SpoolRecord.read(
            descriptor: descriptor, path: path, offset: end, fileSize: size, shape: shape)
        {
            for (position, digest) in found.digests.enumerated() { visit(digest, records.count, position) }
            records.append(Record(offset: end, count: found.digests.count))
            end += found.bytes
        }
        if end < size, ftruncate(descriptor, off_t(end)) != 0 {
            throw SystemFault(operation: "truncate", path: path, code: errno)
        }
        state.withLock { ($0.records, $0.end) = (records, end) }
        return size - end
    }

    /// Reads the digests of whole records, changing nothing: the file may be in use.
    static func look(
        into name: String, in folder: ContainedFolder, shape: VectorShape, visit: (Fingerprint) -> Void
    ) throws {
        let file = try folder.open(name, for: .reading)
        var end = 0
        while let found = try SpoolRecord.read(
            descriptor: file.descriptor, path: file.path, offset: end, fileSize: file.status.bytes, shape: shape)
        {
            found.digests.forEach(visit)
            end += found.bytes
        }
    }

    var bytes: Int { state.withLock { $0.end } }

    /// Appends one record.
    /// - Parameters:
    ///   - digests: of the B' sequences.
    ///   - vectors: [layers, capacity, C] elements, of which the first B' of each layer are taken.
    /// - Returns: the record's number.
    /// - Throws: `SystemFault`; the file then ends where it ended before.
    func append(digests: ArraySlice<Fingerprint>, vectors: UnsafeRawBufferPointer, capacity: Int) throws -> Int {
        precondition(digests.count <= capacity && vectors.count >= shape.layers.count * capacity * shape.vectorBytes)
        let sections = shape.layers.indices.map { layer in
            let start = layer * capacity * shape.vectorBytes
            return UnsafeRawBufferPointer(rebasing: vectors[start..<(start + digests.count * shape.vectorBytes)])
        }
        let head = SpoolRecord.head(digests: digests, sections: sections, shape: shape)
        let number = try state.withLock { state in
            do {
                var offset = state.end
                try head.withUnsafeBytes { offset = try write($0, at: offset) }
                for section in sections { offset = try write(section, at: offset) }
                state.records.append(Record(offset: state.end, count: digests.count))
                state.end = offset
                return state.records.count - 1
            } catch {
                ftruncate(descriptor, off_t(state.end))
                throw error
            }
        }
        try syncNowAndThen()
        return number
    }

    /// Reads consecutive vectors of one record and layer.
    /// - Parameter layer: index into `shape.layers`.
    func read(record: Int, layer: Int, positions: Range<Int>, into output: UnsafeMutableRawPointer) throws {
        let found = state.withLock { $0.records[record] }
        precondition(positions.upperBound <= found.count)
        let start =
            found.offset + SpoolRecord.headBytes(count: found.count)
            + (layer * found.count + positions.lowerBound) * shape.vectorBytes
        let buffer = UnsafeMutableRawBufferPointer(start: output, count: positions.count * shape.vectorBytes)
        try SpoolRecord.readFully(descriptor: descriptor, path: path, offset: start, into: buffer)
    }

    /// Removes the file; the object may still be read from.
    func delete() throws {
        try folder.remove(name)
    }

    /// One thread flushes, the others go on.
    private func syncNowAndThen() throws {
        let due = state.withLock { state in
            guard !state.syncing, Self.monotonic() - state.lastSync > Self.syncInterval else { return false }
            state.syncing = true
            return true
        }
        guard due else { return }
        let status = fdatasync(descriptor)
        let code = errno
        state.withLock { state in
            state.syncing = false
            state.lastSync = Self.monotonic()
        }
        guard status == 0 else { throw SystemFault(operation: "flush", path: path, code: code) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws -> Int {
        try Transfer.write(descriptor, bytes, at: offset, path: path)
        return offset + bytes.count
    }

    private static func monotonic() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
