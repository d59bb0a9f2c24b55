import Files

/// Files of a folder and the folders below it; symbolic links are reported, not followed.
enum StoreFiles {
    struct File: Sendable {
        /// Relative to the store folder.
        let path: String
        let bytes: Int
        /// Seconds since 1970.
        let modified: Double
    }

    /// Sorted by path. A folder that does not exist has no files.
    /// - Parameters:
    ///   - folder: relative to `root`.
    static func files(in folder: String, of root: ContainedFolder) throws -> [File] {
        guard let opened = try root.folderIfPresent(folder) else { return [] }
        var files: [File] = []
        try visit(opened, at: folder) { files.append($0) }
        return files.sorted { $0.path < $1.path }
    }

    private static func visit(_ folder: ContainedFolder, at place: String, _ body: (File) -> Void) throws {
        for name in try folder.names() {
            let path = "\(place)/\(name)"
            // What is gone between the listing and the look is not there.
            guard let status = try folder.status(of: name) else { continue }
            if status.kind != .folder {
                body(File(path: path, bytes: status.bytes, modified: status.modifiedSeconds))
            } else if let inner = try folder.folderIfPresent(name) {
                try visit(inner, at: path, body)
            }
        }
    }

    /// Removes a folder and the folders below it that hold nothing. Folders in use stay.
    static func removeEmptyFolders(_ name: String, of parent: ContainedFolder) throws {
        guard let folder = try parent.folderIfPresent(name) else { return }
        for inner in try folder.names() where try folder.status(of: inner)?.kind == .folder {
            try removeEmptyFolders(inner, of: folder)
        }
        // Not empty is the usual case and no fault.
        try parent.removeFolder(name)
    }
}
