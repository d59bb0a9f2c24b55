import ArgumentParser
import Console
import Diagnostics
import Store

/// `indexer verify`: checks every byte of a store.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks every byte of a store; exits 1 when something is damaged.",
        discussion: """
            Records against each other, texts both ways, and every layer file: size, checksum, header, and that its \
            vectors have length 1. Things to know that are no damage (garbage, stale collections) are listed, too, and \
            do not change the exit status.

            A shard is checked against its plan first, then like a store; a merge checks sizes only unless told, so an \
            array does well to end each task with this. It ends with 66 when the shard is not built.

            Example:
              indexer verify --store indexes
              indexer verify --plan shards --shard 3
            """)

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var shardOptions: ShardOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if shardOptions.plan != nil, storeOptions.store != StoreOptions.defaultStore {
            throw ValidationError("--store and --plan name two things; give one.")
        }
    }

    func run() throws {
        if let plan = shardOptions.plan { return try verifyShard(of: plan) }
        let store: Store
        do {
            store = try Store.open(storeOptions.store, mode: .read)
        } catch StoreError.damagedCatalogue(let folder, let key, let expected, let found)
            where key.hasPrefix("data.mdb")
        {
            return try report([.damagedPages(key: key, expected: expected, found: found)], folder: folder)
        }
        try verify(store)
    }

    private func verifyShard(of plan: String) throws {
        let folder = try PlanFolder(plan)
        let shard = try ShardNumber.resolve(shardOptions.shard, of: folder)
        let store: Store
        do {
            store = try ShardInspection(folder: folder, shard: shard).open().store
        } catch ShardError.damagedShard(let place, _, let expected, let found) {
            let finding = StoreFinding(
                severity: .damage, place: place, expected: expected, found: found,
                advice: "remove the folder and build the shard again, unless `indexer merge --move` took its files")
            return try report([finding], folder: place)
        }
        try verify(store)
    }

    private func verify(_ store: Store) throws {
        let findings = try store.verify { progress in
            guard !output.quiet, progress.bytesTotal > 0 else { return }
            let percent = Int(Double(progress.bytesDone) / Double(progress.bytesTotal) * 100)
            MessageStream.standardError.showStatus("verifying \(percent) % \(progress.place)")
        }
        MessageStream.standardError.showStatus("")
        try report(findings, folder: store.folder)
    }

    private func report(_ findings: [StoreFinding], folder: String) throws {
        let damage = findings.count { $0.severity == .damage }
        for finding in findings {
            if output.json {
                try ResultStream.standardOutput.write([
                    "severity": .text(finding.severity.rawValue), "place": .text(finding.place),
                    "expected": .text(finding.expected), "found": .text(finding.found),
                    "advice": .text(finding.advice),
                ])
            } else {
                try ResultStream.standardOutput.write(report: "\(finding.severity.rawValue): \(finding.description)\n")
            }
        }
        if !output.json {
            try ResultStream.standardOutput.write(
                report: "\(folder): \(damage == 0 ? "sound" : "\(Quantity.grouped(damage)) damaged")\n")
        }
        if damage > 0 { throw ExitStatus.failedCheck.code }
    }
}
