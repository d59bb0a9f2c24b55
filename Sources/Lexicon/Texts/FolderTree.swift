import Files

/// The files in a folder and in the folders inside it, hidden ones left out.
package struct FolderTree {
    package static let maximalDepth = 8

    /// Relative to the folder, in byte order of names, level by level within each folder.
    package let files: [String]

    /// - Throws: `FileError` (missing, a file), `SystemFault`.
    package init(_ folder: String) throws {
        var files: [String] = []
        try Self.walk(folder, prefix: "", depth: 1, into: &files)
        self.files = files
    }

    private static func walk(_ folder: String, prefix: String, depth: Int, into files: inout [String]) throws {
        for name in try FolderListing.names(of: folder) {
            let path = InputFileName.join(folder, name)
            guard FolderListing.isFolder(path) else {
                files.append(prefix + name)
                continue
            }
            if depth < maximalDepth {
                try walk(path, prefix: prefix + name + "/", depth: depth + 1, into: &files)
            }
        }
    }

    /// README, LICENSE and the like, which nobody misses.
    package static func isAttachment(_ name: String) -> Bool {
        let stem = InputFileName.last(name).split(separator: ".").first?.lowercased() ?? ""
        return ["readme", "license", "licence", "copying", "citation", "changelog", "authors", "index"].contains(stem)
    }
}

/// Says which files of a folder nobody reads, so that none is lost without a trace.
package enum LeftOutFiles {
    private static let shown = 20

    /// - Parameters:
    ///   - names: relative to the folder.
    ///   - reason: why, and what to do.
    package static func say(_ names: [String], of folder: String, because reason: String) {
        guard !names.isEmpty else { return }
        let listed =
            names.prefix(shown).joined(separator: ", ")
            + (names.count > shown ? " and \(names.count - shown) more" : "")
        InputRemark.say("\(folder): left out: \(listed) (\(reason))")
    }
}
