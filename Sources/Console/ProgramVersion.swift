/// What `--version` prints: the release, and what else decides a result's last bits or reads a store's files.
package enum ProgramVersion {
    /// Of all three programs; CITATION.cff and CHANGELOG.md name the same.
    package static let number = "0.2.0"

    /// One line for the release, one for each component: "kernels: x86-64 fma".
    package static func text(_ components: [(name: String, version: String)]) -> String {
        (["Polylex \(number)"] + components.map { "\($0.name): \($0.version)" }).joined(separator: "\n")
    }
}
