import Console
import Diagnostics
import Fingerprinting
import Foundation
import Glibc
import Store

/// Unfinished work of one checkpoint in `<store>/work`: spools, and a note of whose they are.
///
/// The folder is named after what makes vectors reusable (checkpoint, layers kept, element), so a build that was
/// interrupted finds it again, also when vocabularies were added or changed meanwhile.
struct WorkFolder {
    /// Contents of `work.json`.
    struct Note: Codable, Sendable {
        var checkpoint: String
        var fingerprint: Fingerprint
        var layers: [Int]
        var element: Int
        var started: Double
    }

    /// Unfinished work as `indexer list` shows it.
    struct Leftover: Sendable {
        let path: String
        let note: Note?
        let bytes: Int
    }

    let path: String
    private let shape: VectorShape

    static func parent(of storeFolder: String) -> String { storeFolder + "/work" }

    private static func path(store: String, checkpoint: Fingerprint, shape: VectorShape) -> String {
        let builder = FingerprintBuilder()
        builder.combine("spool")
        builder.combine(LayerFingerprint.encodingVersion)
        builder.combine(checkpoint)
        builder.combine(shape.layers.count)
        for layer in shape.layers { builder.combine(layer) }
        builder.combine(shape.dimension)
        builder.combine(shape.element.rawValue)
        LayerFingerprint.combine(.here, into: builder)
        return parent(of: store) + "/" + builder.finish().hex
    }

    /// The folder of an interrupted run; nil when there is none.
    init?(existingIn store: String, checkpoint: CheckpointRecord, shape: VectorShape) {
        path = Self.path(store: store, checkpoint: checkpoint.fingerprint, shape: shape)
        self.shape = shape
        if access(path, F_OK) != 0 { return nil }
    }

    /// Finds or creates the folder, and removes those of other versions of the same checkpoint: their vectors can
    /// never be asked for again.
    init(store: String, checkpoint: CheckpointRecord, shape: VectorShape) throws {
        self.shape = shape
        path = Self.path(store: store, checkpoint: checkpoint.fingerprint, shape: shape)
        for leftover in Self.leftovers(store: store) {
            if let note = leftover.note, note.checkpoint == checkpoint.name, note.fingerprint != checkpoint.fingerprint {
                try Self.remove(leftover.path)
            }
        }
        for folder in [Self.parent(of: store), path] {
            guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
                throw SystemFault(operation: "create", path: folder, code: errno)
            }
        }
        let note = Note(
            checkpoint: checkpoint.name, fingerprint: checkpoint.fingerprint, layers: shape.layers,
            element: shape.element.rawValue, started: wallSeconds())
        if Self.note(of: path) == nil {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            let file = path + "/work.json"
            do { try encoder.encode(note).write(to: URL(fileURLWithPath: file), options: .atomic) } catch {
                throw SystemFault(operation: "write", path: file, code: Self.code(of: error))
            }
        }
    }

    /// Opens the spools of interrupted runs.
    /// - Parameters:
    ///   - spool: called for each before its sequences are visited.
    func recover(
        spool: (VectorSpool) -> Void, visit: (_ spool: Int, Fingerprint, _ record: Int, _ position: Int) -> Void
    ) throws -> (bytesFound: Int, bytesCut: Int) {
        var bytesFound = 0
        var bytesCut = 0
        for (number, name) in try spoolNames().enumerated() {
            let (found, cut) = try VectorSpool.recover(path: path + "/" + name, shape: shape) {
                visit(number, $0, $1, $2)
            }
            spool(found)
            bytesFound += found.bytes
            bytesCut += cut
        }
        return (bytesFound, bytesCut)
    }

    /// Spools have numbers of six digits.
    private static let mostSpools = 999_999

    private static func spoolName(_ number: Int) -> String {
        let digits = String(number)
        return "spool-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".spool"
    }

    /// An empty spool under the first free number.
    func createSpool() throws -> VectorSpool {
        let used = Set(try spoolNames())
        guard let name = (1...Self.mostSpools).lazy.map(Self.spoolName).first(where: { !used.contains($0) }) else {
            throw SystemFault(operation: "create another spool in", path: path, code: EEXIST)
        }
        return try VectorSpool.create(path: path + "/" + name, shape: shape)
    }

    /// Removes the spools all of whose sequences are stored, and the folder when none is left. What another, interrupted
    /// build still needs stays.
    func sweep(_ store: Store, checkpoint: Fingerprint) throws {
        let names = try spoolNames()
        if !names.isEmpty {
            var stored = Set<Fingerprint>()
            for record in try store.checkpoints() {
                for collection in try store.collections(checkpoint: record.name)
                where collection.checkpointFingerprint == checkpoint {
                    let digests = try store.sequenceDigests(checkpoint: record.name, collection: collection.collection)
                    stored.formUnion(digests ?? [])
                }
            }
            for name in names {
                var isNeeded = false
                let (spool, _) = try VectorSpool.recover(path: path + "/" + name, shape: shape) { digest, _, _ in
                    if !stored.contains(digest) { isNeeded = true }
                }
                if !isNeeded { try spool.delete() }
            }
        }
        if try spoolNames().isEmpty {
            try Self.remove(path)
            // Not empty while other work is unfinished: then it stays.
            rmdir(Self.parent(of: store.folder))
        }
    }

    /// All unfinished work of a store, sorted by path.
    static func leftovers(store: String) -> [Leftover] {
        let parent = parent(of: store)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { name in
            let path = parent + "/" + name
            let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            let bytes = files.map { file in
                var status = stat()
                return lstat(path + "/" + file, &status) == 0 ? Int(status.st_size) : 0
            }.saturatingSum()
            return Leftover(path: path, note: note(of: path), bytes: bytes)
        }
    }

    static func remove(_ path: String) throws {
        do { try FileManager.default.removeItem(atPath: path) } catch {
            throw SystemFault(operation: "delete", path: path, code: code(of: error))
        }
    }

    private func spoolNames() throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
                .filter {
                    let number = $0.utf8.dropFirst(6).dropLast(6)
                    return $0.hasPrefix("spool-") && $0.hasSuffix(".spool") && number.count == 6
                        && number.allSatisfy { (0x30...0x39).contains($0) }
                }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        } catch {
            throw SystemFault(operation: "read", path: path, code: Self.code(of: error))
        }
    }

    private static func note(of path: String) -> Note? {
        guard let text = try? SmallFile.textIfPresent(path + "/work.json", limitBytes: 1 << 16) else { return nil }
        return try? JSONDecoder().decode(Note.self, from: Data(text.utf8))
    }

    /// The `errno` inside a Foundation error.
    private static func code(of error: any Error) -> Int32 {
        let error = error as NSError
        if let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError { return Int32(clamping: cause.code) }
        return error.domain == NSPOSIXErrorDomain ? Int32(clamping: error.code) : EIO
    }
}
