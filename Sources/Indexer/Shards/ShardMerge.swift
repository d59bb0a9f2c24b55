import ArgumentParser
import Console
import Diagnostics
import Files
import Glibc
import Store

/// Makes the shards of a plan current in one store. Layer files get a name in it, records are copied; no vector is
/// computed and, but for `--copy`, none is written.
///
/// Collection after collection, each in one transaction: killed anywhere, the same merge goes on.
struct ShardMerge {
    /// How the store comes to have a shard's layer file.
    enum Way: String, EnumerableFlag {
        case link, move, copy

        static func help(for value: Way) -> ArgumentHelp? {
            switch value {
            case .link: "Layer files become hard links: the shards stay whole until you remove them."
            case .move: "Layer files are renamed: for file systems without hard links."
            case .copy: "Layer files are copied and their checksums compared: to another file system."
            }
        }
    }

    struct Report {
        var shards = 0
        var collections = 0
        /// Of them, those the store had just so.
        var upToDate = 0
        var files = 0
        var bytes = 0
        var results = 0
        /// Left out under `--allow-missing`.
        var missing: [Int] = []
    }

    let folder: PlanFolder
    let way: Way
    let allowingMissing: Bool
    /// Read every byte of the layer files first.
    let verifying: Bool
    /// Told what is being done: "checking", "merging", and the shard.
    let progress: (String, Int) -> Void

    /// All that can be known to be wrong, before the store is touched.
    /// - Returns: the shards to merge.
    /// - Throws: `ShardError`, and what opening the inputs and the shards throws.
    func check() throws -> (shards: [Int], missing: [Int]) {
        let plan = folder.plan
        let missing = try folder.missing()
        if !missing.isEmpty && !allowingMissing {
            throw ShardError.missingShards(
                plan: folder.path, missing: PlanFolder.array(missing), count: missing.count, total: plan.shards.count)
        }
        let inputs = PlannedInputs(plan: plan, path: folder.path)
        try inputs.requireEncodingVersion()
        for checkpoint in plan.checkpoints { _ = try inputs.open(checkpoint) }
        for input in plan.inputs { _ = try inputs.read(input) }
        let left = Set(missing)
        let shards = plan.shards.indices.filter { !left.contains($0) }
        for shard in shards {
            progress("checking", shard)
            let inspection = ShardInspection(folder: folder, shard: shard)
            let (store, layers) = try inspection.open(allowingMoved: true)
            if verifying { try inspection.requireUndamaged(layers, in: store) }
        }
        return (shards, missing)
    }

    /// The store's build lock is held by the caller.
    /// - Throws: `ShardError`, `StoreError`, `FileError`, `SystemFault`; `ConsoleError.stopped` between two
    ///   collections.
    func run(
        _ checked: (shards: [Int], missing: [Int]), into store: Store, shouldStop: () -> Bool
    ) throws -> Report {
        var report = Report()
        report.missing = checked.missing
        for shard in checked.shards {
            progress("merging", shard)
            let (source, layers) = try ShardInspection(folder: folder, shard: shard).open(allowingMoved: true)
            let contents = ShardContents(plan: folder.plan, shard: shard, folder: source.folder)
            for collection in contents.collections {
                if shouldStop() {
                    throw ConsoleError.stopped(
                        advice: "what was merged is in the store, run the same command again to go on")
                }
                let own = layers.filter { $0.collection == collection }
                for layer in own where try takeOver(layer, of: shard, from: source, into: store) {
                    report.files += 1
                    report.bytes += layer.bytes
                }
                guard let checkpoint = own.first?.checkpoint else { continue }
                try store.root.folder(DurableFolder.parent(of: own[0].file)).sync()
                report.collections += 1
                if try !store.adopt(collection, checkpoint: checkpoint, from: source) { report.upToDate += 1 }
            }
            report.results += try store.adoptResults(from: source)
            report.shards += 1
        }
        if checked.missing.isEmpty { try removeLeftovers() }
        return report
    }

    /// - Returns: false when the store had the file.
    private func takeOver(_ layer: LayerRecord, of shard: Int, from source: Store, into store: Store) throws -> Bool {
        // Named after its fingerprint, but a file of this name may be what a full disk left of a copy by hand.
        if try store.root.requireFileIfPresent(layer.file)?.bytes == layer.bytes { return false }
        guard try source.root.requireFileIfPresent(layer.file) != nil else {
            throw ShardError.damagedShard(
                folder: folder.path(of: shard), index: shard, expected: "\(layer.file) here or in \(store.folder)",
                found: "no such file")
        }
        _ = try store.root.makeFolder(DurableFolder.parent(of: layer.file))
        do {
            switch way {
            case .link:
                try store.root.remove(layer.file)
                try source.root.link(layer.file, to: layer.file, in: store.root)
            case .move: try source.root.move(layer.file, to: layer.file, in: store.root)
            case .copy: _ = try VerifiedCopy.copy(layer, from: source.root, to: layer.file, in: store.root)
            }
        } catch let fault as SystemFault where [EXDEV, EPERM, EOPNOTSUPP, EMLINK, ENOSYS].contains(fault.code) {
            throw ShardError.cannotTakeOver(
                shard: folder.path(of: shard), store: store.folder, way: way.rawValue,
                reason: String(cString: strerror(fault.code)))
        }
        return true
    }

    /// Half handed over shards: all shards are done, so that whoever may still be at one will find it done.
    private func removeLeftovers() throws {
        let shards = try folder.shardsFolder()
        for name in try shards.names() where name.hasPrefix(".shard-") { try shards.removeTree(name) }
    }
}
