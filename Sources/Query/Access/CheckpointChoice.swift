import Store

/// Which checkpoints a command is about.
enum CheckpointChoice {
    /// The one named, or the only one there is: with several stored, a question has to say which.
    static func one(_ name: String?, in store: Store) throws -> StoredCheckpoint {
        let all = try stored(in: store)
        if name == nil, all.count > 1 {
            throw QueryError.severalCheckpoints(folder: store.folder, names: all.map(\.name))
        }
        return try StoredCheckpoint(store: store, record: find(name ?? all[0].name, among: all, in: store))
    }

    /// Those named, in that order and each once; all of them when none is named.
    static func several(_ names: [String], in store: Store) throws -> [StoredCheckpoint] {
        let all = try stored(in: store)
        var chosen: [CheckpointRecord] = []
        for name in names {
            let record = try find(name, among: all, in: store)
            if !chosen.contains(where: { $0.name == record.name }) { chosen.append(record) }
        }
        return try (names.isEmpty ? all : chosen).map { try StoredCheckpoint(store: store, record: $0) }
    }

    private static func stored(in store: Store) throws -> [CheckpointRecord] {
        let all = try store.checkpoints()
        if all.isEmpty { throw QueryError.emptyStore(folder: store.folder) }
        return all
    }

    private static func find(
        _ name: String, among all: [CheckpointRecord], in store: Store
    ) throws -> CheckpointRecord {
        if let found = all.first(where: { $0.name == name }) { return found }
        throw StoreError.unknownCheckpoint(folder: store.folder, name: name, known: all.map(\.name))
    }
}
