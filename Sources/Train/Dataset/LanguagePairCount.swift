/// How many constraints join two languages, whichever word of a row comes first.
struct LanguagePairCount: Equatable, Sendable {
    /// The two codes in byte order; equal for a monolingual pair.
    let first: String
    let second: String
    let rows: Int

    var name: String { "\(first)-\(second)" }
}
