import Fingerprinting
import Glibc
import Store

/// What a store's answers depend on, as one fingerprint: a step that leaves it as it was changed nothing.
///
/// Of the catalogue's newest transaction alone, so that a thousand steps over a store of a thousand checkpoints do not
/// each read all of it.
enum StoreState {
    /// - Returns: nil where there is no store, or none that can be read: whose matter that is will say so.
    static func fingerprint(_ folder: String) -> Fingerprint? {
        guard access(folder, F_OK) == 0, let store = try? Store.open(folder, mode: .read),
            let number = try? store.transactionNumber
        else { return nil }
        let builder = FingerprintBuilder()
        builder.combine(store.folder)
        builder.combine(number)
        return builder.finish()
    }
}
