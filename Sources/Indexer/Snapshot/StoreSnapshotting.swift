import Console
import Diagnostics
import Files
import Glibc
import Store

/// Makes a store of its own of the state another store has at one moment: its catalogue copied, its layer files linked.
///
/// The other store is only read, and builders may publish in it meanwhile. The folder appears whole, by one rename.
struct StoreSnapshotting {
    struct Report: Equatable {
        var checkpoints = 0
        var collections = 0
        /// Layer files that have a second name here.
        var linked = 0
        /// Layer files whose bytes were written again.
        var copied = 0
        /// Of all layer files.
        var bytes = 0
    }

    let store: Store
    /// The folder to make; nothing has the name yet.
    let out: String
    /// Whether files are copied also where a hard link would do.
    let copying: Bool
    let shouldStop: () -> Bool
    /// Told how many layer files of how many are there.
    let progress: (Int, Int) -> Void

    /// - Throws: `IndexerError.snapshotExists`; `StoreError`, `FileError`, `SystemFault`; `ConsoleError.stopped`.
    func run() throws -> Report {
        let path = AbsolutePath.of(out)
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let folder = DurableFolder.parent(of: path)
        try DurableFolder.create(folder)
        let parent = try ContainedFolder(folder)
        guard try parent.status(of: name) == nil else { throw IndexerError.snapshotExists(path: out) }
        let stage = try StageFolder(for: name, in: parent)
        do {
            // `gc` may take away what the catalogue named when it was copied: then the copy is made anew.
            let report = try Store.onFreshSnapshot { try fill(stage.make()) }
            do {
                try stage.move(to: name)
            } catch let fault as SystemFault where [ENOTEMPTY, EEXIST, ENOTDIR].contains(fault.code) {
                throw IndexerError.snapshotExists(path: out)
            }
            try parent.sync()
            return report
        } catch {
            try? stage.remove()
            throw error
        }
    }

    private func fill(_ stage: ContainedFolder) throws -> Report {
        let catalogue = DurableFolder.parent(of: Store.catalogueFile)
        _ = try store.copyCatalogue(into: stage)
        var (report, layers) = try contents(of: stage.path)
        // LMDB's lock file, of the look into it.
        for name in try stage.folder(catalogue).names() where "\(catalogue)/\(name)" != Store.catalogueFile {
            try stage.remove("\(catalogue)/\(name)")
        }
        try stage.folder(catalogue).sync()

        var isLinking = !copying
        var folders = Set<String>()
        for (number, layer) in layers.enumerated() {
            if shouldStop() { throw ConsoleError.stopped(advice: "nothing was kept, run the same command again") }
            progress(number, layers.count)
            let folder = DurableFolder.parent(of: layer.file)
            if folders.insert(folder).inserted { _ = try stage.makeFolder(folder) }
            do {
                if isLinking, try link(layer, to: stage) {
                    report.linked += 1
                } else {
                    if report.copied == 0 {
                        try DiskSpace.require(layers[number...].reduce(0) { $0 + $1.bytes }, in: stage.path)
                    }
                    // What cannot be linked once cannot be linked at all.
                    isLinking = false
                    _ = try VerifiedCopy.copy(layer, from: store.root, to: layer.file, in: stage)
                    report.copied += 1
                }
            } catch let fault as SystemFault where fault.code == ENOENT {
                // Lost, or taken away since the catalogue was copied: the store knows which.
                _ = try store.vectors(layer)
                throw StoreError.changedWhileReading(folder: store.folder, what: layer.file)
            }
        }
        for folder in folders { try stage.folder(folder).sync() }
        try stage.sync()
        return report
    }

    /// What the copied catalogue has.
    private func contents(of folder: String) throws -> (Report, [LayerRecord]) {
        let copy = try Store.open(folder, mode: .read)
        var report = Report()
        var layers: [LayerRecord] = []
        for checkpoint in try copy.checkpoints() {
            report.checkpoints += 1
            for collection in try copy.collections(checkpoint: checkpoint.name) {
                report.collections += 1
                layers += try copy.layers(checkpoint: checkpoint.name, collection: collection.collection)
                    .filter { $0.dropped == nil }
            }
        }
        report.bytes = layers.reduce(0) { $0 + $1.bytes }
        return (report, layers)
    }

    /// - Returns: false where the file systems have no such link.
    private func link(_ layer: LayerRecord, to stage: ContainedFolder) throws -> Bool {
        do {
            try store.root.link(layer.file, to: layer.file, in: stage)
            return true
        } catch let fault as SystemFault where [EXDEV, EPERM, EOPNOTSUPP, EMLINK, ENOSYS].contains(fault.code) {
            return false
        }
    }
}
