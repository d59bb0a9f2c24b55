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

    package var description: String { "\(place): expected \(expected), found \(found); \(advice)" }
}

/// How far `verify` is.
package struct VerifyProgress: Sendable {
    package let bytesDone: Int
    package let bytesTotal: Int
    /// What is being looked at.
    package let place: String
}
