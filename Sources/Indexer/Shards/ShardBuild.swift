import Console
import Diagnostics
import Files
import Glibc
import Store

/// Builds one shard of a plan: an ordinary store on a disk of this machine, handed over whole.
struct ShardBuild {
    enum Outcome {
        /// It was there, made earlier or by a twin meanwhile.
        case doneBefore
        case built(ShardNote, BuildReport)
    }

    let folder: PlanFolder
    let shard: Int
    /// A folder on a disk of this machine; the shard's own in it is kept when the build is stopped or killed, and the
    /// next one goes on there.
    let scratch: String
    let crew: EncodingCrew.Settings
    let wait: Bool
    let quiet: Bool
    let shouldStop: @Sendable () -> Bool

    /// `--scratch` when nothing is said: what the engine or the system names for it.
    static var usualScratch: String {
        ["SLURM_TMPDIR", "TMPDIR"].lazy.compactMap(ArrayTask.variable).first ?? "/tmp"
    }

    /// - Throws: `ShardError`; what a build throws.
    func run() throws -> Outcome {
        if try folder.isDone(shard) {
            removeScratch()
            return .doneBefore
        }
        do {
            return try build()
        } catch {
            // A twin that was first has taken the scratch folder away under this one.
            if (try? folder.isDone(shard)) == true, !shouldStop() { return .doneBefore }
            throw error
        }
    }

    private func build() throws -> Outcome {
        let started = monotonicSeconds()
        let inputs = PlannedInputs(plan: folder.plan, path: folder.path)
        try inputs.requireOwnProgram()
        let planned = folder.plan.shards[shard]
        guard let checkpoint = folder.plan.checkpoint(of: planned) else {
            preconditionFailure("a plan's shards are of its checkpoints")
        }
        let options = try inputs.options()
        let texts = try folder.plan.inputs(of: planned).flatMap(inputs.read)
        let model = try inputs.open(checkpoint)

        if let kind = Store.sharedFileSystem(of: scratch) {
            throw ShardError.sharedScratch(folder: scratch, kind: kind)
        }
        let store = try Store.open("\(scratch)/\(name)", mode: .write)
        let lock = try store.lockForBuilding(wait: wait) { holder in
            say("waiting for another builder of the same shard: \(holder)")
        }
        defer { lock.release() }
        if try folder.isDone(shard) { return .doneBefore }

        var report = BuildReport()
        let settings = BuildSettings(options: options, crew: crew, quiet: quiet)
        report.checkpoints.append(
            try CheckpointBuild(
                store: store, model: model, inputs: texts, settings: settings, shouldStop: shouldStop
            ).run())
        report.seconds = monotonicSeconds() - started
        report.peakResidentBytes = ProcessUsage.peakResidentBytes
        let note = try ShardHandover(
            folder: folder, shard: shard, store: store, shouldStop: shouldStop
        ).run(report)
        try ContainedFolder(scratch).removeTree(name)
        return note.map { .built($0, report) } ?? .doneBefore
    }

    private var name: String { "polylex-\(folder.plan.id)-\(PlanFolder.name(shard))" }

    /// Of a try that was killed after it had handed the shard over; one that a twin is at is the twin's.
    private func removeScratch() {
        guard let parent = try? ContainedFolder(scratch), (try? parent.folderIfPresent(name)) != nil else { return }
        do {
            let store = try Store.open("\(scratch)/\(name)", mode: .write)
            let lock = try store.lockForBuilding(wait: false) { _ in }
            defer { lock.release() }
            try parent.removeTree(name)
        } catch StoreError.locked {
        } catch {
            say("\(scratch)/\(name) is no longer needed and cannot be removed: \(error)")
        }
    }

    private func say(_ message: String) {
        if !quiet { MessageStream.standardError.say("indexer: shard \(shard): \(message)") }
    }
}
