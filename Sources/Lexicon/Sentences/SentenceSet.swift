import Files
import Fingerprinting

/// Line-aligned sentences in two languages.
package struct SentenceSet: Sendable {
    /// "fra-eng": the other language first, as Tatoeba's files are named.
    package let name: String
    /// Language codes, e.g. "fra" and "eng".
    package let firstLanguage: String
    package let secondLanguage: String
    /// Row i of `first` translates row i of `second`; repeats are kept.
    package let first: TextTable
    package let second: TextTable
    /// The line each pair stands in, from 1; nil when that is its row + 1.
    package let lines: [UInt32]?
    /// Lines left out, of both languages, because one of them could not be read or was blank.
    package let leftOut: Int
    package let path: String
    package let fingerprint: Fingerprint

    package init(
        name: String, firstLanguage: String, secondLanguage: String, first: TextTable, second: TextTable,
        lines: [UInt32]? = nil, leftOut: Int = 0, path: String, fingerprint: Fingerprint
    ) {
        self.name = name
        self.firstLanguage = firstLanguage
        self.secondLanguage = secondLanguage
        self.first = first
        self.second = second
        self.lines = lines
        self.leftOut = leftOut
        self.path = path
        self.fingerprint = fingerprint
    }

    /// A set with the fingerprint of its languages, all its sentences in order and, where some are left out, the lines
    /// they stand in.
    package init(
        name: String, firstLanguage: String, secondLanguage: String, first: TextTable, second: TextTable,
        lines: [UInt32]? = nil, leftOut: Int = 0, path: String
    ) {
        precondition(first.count == second.count, "\(first.count) first sentences, \(second.count) second sentences")
        let builder = FingerprintBuilder()
        builder.combine("sentences 1")
        builder.combine(firstLanguage)
        builder.combine(secondLanguage)
        first.combine(into: builder)
        second.combine(into: builder)
        if let lines {
            builder.combine("lines")
            for line in lines { builder.combine(Int(line)) }
        }
        self.init(
            name: name, firstLanguage: firstLanguage, secondLanguage: secondLanguage, first: first, second: second,
            lines: lines, leftOut: leftOut, path: path, fingerprint: builder.finish())
    }
}
