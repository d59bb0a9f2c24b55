import Fingerprinting
import Glibc
import Store

/// What a store's answers depend on, as one fingerprint: a step that leaves it as it was changed nothing.
enum StoreState {
    /// - Returns: nil where there is no store, or none that can be read: whose matter that is will say so.
    static func fingerprint(_ folder: String) -> Fingerprint? {
        guard access(folder, F_OK) == 0, let store = try? Store.open(folder, mode: .read),
            let usage = try? store.usage(), let results = try? store.results(task: nil, checkpoint: nil)
        else { return nil }
        let builder = FingerprintBuilder()
        for checkpoint in usage.checkpoints {
            builder.combine(checkpoint.record.name)
            builder.combine(checkpoint.record.fingerprint)
            for layer in checkpoint.collections.flatMap(\.layers) {
                builder.combine(layer.file)
                builder.combine(layer.fingerprint)
                builder.combine(layer.checksum)
            }
        }
        for result in results {
            builder.combine(result.task)
            builder.combine(result.fingerprint)
            builder.combine(result.created.bitPattern)
        }
        return builder.finish()
    }
}
