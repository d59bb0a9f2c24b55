import Files

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
