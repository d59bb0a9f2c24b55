/// What `--version` prints: the release, and what else decides a result's last bits or reads a store's files.
package enum ProgramVersion {
    /// Of all three programs; CITATION.cff and CHANGELOG.md name the same.
    package static let number = "0.2.0"

    /// One line for the release, one for the commit where it is known, one for each component: "kernels: x86-64 fma".
    /// - Parameter commit: what the program was built from, with "and changes" when sources differed from it; nil when
    ///   it was built outside of a Git checkout (an archive, a container).
    package static func text(
        _ components: [(name: String, version: String)], commit: String? = BuildCommit.text
    ) -> String {
        let known = commit.map { [(name: "commit", version: $0)] } ?? []
        return (["Polylex \(number)"] + (known + components).map { "\($0.name): \($0.version)" })
            .joined(separator: "\n")
    }
}
