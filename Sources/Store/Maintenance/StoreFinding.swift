import Files

/// One thing `verify` has to say.
package struct StoreFinding: Codable, Sendable, Equatable {
    package enum Severity: String, Codable, Sendable {
        /// What is stored cannot be trusted.
        case damage
        /// Harmless: garbage, stale collections, files of others.
        case information
    }

    package let severity: Severity
    /// File (relative to the store) or key of the catalogue.
    package let place: String
    package let expected: String
    package let found: String
    /// What to do.
    package let advice: String

    package init(severity: Severity, place: String, expected: String, found: String, advice: String) {
        self.severity = severity
        self.place = place
        self.expected = expected
        self.found = found
        self.advice = advice
    }

    package var description: String { "\(place): expected \(expected), found \(found); \(advice)" }
}

extension StoreFinding {
    /// A catalogue whose pages are damaged cannot be asked anything.
    /// - Parameter key: as `StoreError.damagedCatalogue` has it, "data.mdb page 7".
    package static func damagedPages(key: String, expected: String, found: String) -> StoreFinding {
        StoreFinding(
            severity: .damage, place: "catalog.lmdb/\(key)", expected: expected, found: found,
            advice: "the catalogue cannot be trusted: move the store away and build it again, or restore a copy of "
                + "catalog.lmdb")
    }

    /// The advice where a collection's own records or files are damaged.
    static let rebuild = "remove and build the collection again"

    /// What an error tells that stopped a check.
    /// - Parameter place: what was being looked at; of a damaged record its key is named instead.
    init(at place: String, _ error: any Error) {
        var (place, advice) = (place, Self.rebuild)
        let expected: String, found: String
        switch error {
        case StoreError.damagedCatalogue(_, let key, let wanted, let seen):
            (place, expected, found) = (key, wanted, seen)
        case StoreError.damagedResult(_, let key, let wanted, let seen):
            (place, expected, found) = (key, wanted, seen)
            advice = "compute it again with --recompute, or let `indexer gc` remove it"
        case StoreError.damagedLayerFile(_, let wanted, let seen): (expected, found) = (wanted, seen)
        case StoreError.missingLayerFile: (expected, found) = ("a file", "none")
        case FileError.link: (expected, found) = ("a file of the store's own", "a symbolic link")
        case FileError.wrongKind(_, let wanted, let seen): (expected, found) = (wanted, seen)
        default:
            (expected, found) = ("something readable", "\(error)")
            advice = "look at the disk, then run `indexer verify` again"
        }
        self.init(severity: .damage, place: place, expected: expected, found: found, advice: advice)
    }
}
