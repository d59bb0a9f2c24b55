import Store

/// Which checkpoints a command is about.
package enum CheckpointChoice {
    /// The one named, or the only one there is: with several stored, a question has to say which.
    /// - Parameter results: whether stored results are wanted too.
    package static func one(_ name: String?, in store: Store, results: Bool) throws -> StoredCheckpoint {
        let snapshot = try store.snapshot(results: results) { all in
            if name == nil, all.count > 1 {
                throw LookupError.severalCheckpoints(folder: store.folder, names: all.map(\.name))
            }
            return try choose(name.map { [$0] } ?? [], among: all, in: store)
        }
        return StoredCheckpoint(snapshot.chosen[0], results: StoredResults.select(snapshot))
    }

    /// Those named, in that order and each once; all of them when none is named.
    /// - Parameter results: whether stored results are wanted too, of the same state.
    package static func several(
        _ names: [String], in store: Store, results: Bool = false
    ) throws -> [StoredCheckpoint] {
        let snapshot = try store.snapshot(results: results) { try choose(names, among: $0, in: store) }
        let selection = StoredResults.select(snapshot)
        return snapshot.chosen.map { StoredCheckpoint($0, results: selection) }
    }

    private static func choose(
        _ names: [String], among all: [CheckpointRecord], in store: Store
    ) throws -> [CheckpointRecord] {
        if all.isEmpty { throw LookupError.emptyStore(folder: store.folder) }
        if names.isEmpty { return all }
        var chosen: [CheckpointRecord] = []
        for name in names where !chosen.contains(where: { $0.name == name }) {
            guard let found = all.first(where: { $0.name == name }) else {
                throw StoreError.unknownCheckpoint(folder: store.folder, name: name, known: all.map(\.name))
            }
            chosen.append(found)
        }
        return chosen
    }
}
