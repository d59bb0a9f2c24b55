import ArgumentParser
import Console
import Store

extension CompletionKind {
    /// Names of the store's checkpoints.
    static var storedCheckpoints: CompletionKind {
        StoreCompletion.kind { _, store in try Store.open(store, mode: .read).checkpoints().map(\.name) }
    }

    /// Collections of the checkpoint that `--checkpoint` names; of all checkpoints while it names none.
    static var storedCollections: CompletionKind {
        StoreCompletion.kind { words, store in
            let store = try Store.open(store, mode: .read)
            let chosen = StoreCompletion.value(of: "--checkpoint", in: words)
            let names = try store.checkpoints().map(\.name).filter { chosen == nil || $0 == chosen }
            return Set(try names.flatMap { try store.collections(checkpoint: $0).map(\.collection) }).sorted()
        }
    }
}
