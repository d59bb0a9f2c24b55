import Console
import Diagnostics
import Files
import Fingerprinting
import Glibc
import Store

/// Puts a finished shard where the plan's shards are: layer files, then the catalogue as one file, `shard.json` last,
/// in a folder of a private name; then one rename.
struct ShardHandover {
    let folder: PlanFolder
    let shard: Int
    /// On a disk of this machine.
    let store: Store
    let shouldStop: @Sendable () -> Bool

    /// - Returns: nil when a twin was first: its shard stays and this one is dropped.
    /// - Throws: `ShardError`, `StoreError.damagedLayerFile`, `FileError`, `SystemFault`, `ConsoleError.stopped`.
    func run(_ report: BuildReport) throws -> ShardNote? {
        let shards = try folder.shardsFolder()
        let stage = try StageFolder(for: PlanFolder.name(shard), in: shards)
        do {
            let note = try fill(try stage.make(), report)
            do {
                try stage.move(to: PlanFolder.name(shard))
            } catch let fault as SystemFault where [ENOTEMPTY, EEXIST].contains(fault.code) {
                try stage.remove()
                if try folder.isDone(shard) { return nil }
                throw ShardError.damagedShard(
                    folder: folder.path(of: shard), index: shard, expected: PlanFolder.noteName, found: "no such file")
            }
            try shards.sync()
            return note
        } catch {
            try? stage.remove()
            throw error
        }
    }

    private func fill(_ stage: ContainedFolder, _ report: BuildReport) throws -> ShardNote {
        let plan = folder.plan
        let records = try ShardContents(plan: plan, shard: shard, folder: store.folder).layers(in: store)
        try DiskSpace.require(records.reduce(16_000_000) { $0 + $1.bytes }, in: stage.path)
        var files: [String: ShardNote.File] = [:]
        for record in records {
            if shouldStop() {
                throw ConsoleError.stopped(advice: "the shard is built, the same command hands it over")
            }
            let copied = try VerifiedCopy.copy(record, from: store.root, to: record.file, in: stage)
            files[record.file] = .init(bytes: copied.bytes, checksum: copied.checksum)
        }
        let catalogue = try store.copyCatalogue(into: stage)
        let done = report.checkpoints[0]
        let note = ShardNote(
            plan: plan.id, shard: shard, host: WorkLock.Holder.own.host, program: plan.program,
            arithmetic: plan.arithmetic, precision: plan.precision, files: files,
            catalogue: .init(
                bytes: try FileStatus(descriptor: catalogue.descriptor, path: catalogue.path).bytes,
                checksum: try Fingerprint.of(catalogue)),
            report: .init(
                sequences: done.sequences, tokens: done.tokens, encodingSeconds: done.encodingSeconds,
                seconds: report.seconds, peakMemoryBytes: report.peakResidentBytes))
        try stage.write(ShardJSON.encode(note), to: PlanFolder.noteName)
        return note
    }
}
