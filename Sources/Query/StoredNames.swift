import ArgumentParser
import Console
import Store

/// `--checkpoint` of the commands that answer for several.
struct CheckpointOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Names of stored checkpoints; all of them when left out.", valueName: "name"),
        completion: .storedCheckpoints)
    var checkpoint: [String] = []
}

// What a shell offers for names of stored things.
extension CompletionKind {
    /// Names of the store's checkpoints.
    static var storedCheckpoints: CompletionKind {
        StoreCompletion.kind { _, store in try Store.open(store, mode: .read).checkpoints().map(\.name) }
    }

    /// Languages of which some checkpoint has a vocabulary.
    static var storedLanguages: CompletionKind {
        StoreCompletion.kind { _, store in
            let store = try Store.open(store, mode: .read)
            let collections = try store.checkpoints().flatMap { try store.collections(checkpoint: $0.name) }
            return Set(collections.compactMap(\.wordLanguage)).sorted()
        }
    }
}
