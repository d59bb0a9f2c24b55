/// In which format `indexer export` writes vectors: what the file's name ends in says it.
enum VectorFileFormat: String, CaseIterable {
    /// NumPy's array; texts stand in a file of their own.
    case numPy = "npy"
    /// word2vec's and fastText's text format: a header of two numbers, then a word and its values a line.
    case text = "vec"
    /// word2vec's binary format: the same header, then words and float32 values as they lie in memory.
    case binary = "bin"

    /// Endings, as messages name them.
    static let endings = ".npy, .vec, .vec.gz, .bin, .bin.gz"

    /// - Parameter path: nil comes back for an ending that is none of `endings`.
    init?(path: String) {
        var name = path[...]
        if name.hasSuffix(".gz") { name = name.dropLast(3) }
        guard let format = Self.allCases.first(where: { name.hasSuffix("." + $0.rawValue) }),
            // NumPy does not read packed arrays.
            format != .numPy || name.endIndex == path.endIndex
        else { return nil }
        self = format
    }

    /// Whether words stand in the file itself.
    var holdsWords: Bool { self != .numPy }
}
