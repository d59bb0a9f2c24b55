import Store

/// One file that `indexer export` writes: a layer of a collection, and where it goes.
struct ExportedLayer {
    let collection: CollectionRecord
    let layer: LayerRecord
    let out: String
    let format: VectorFileFormat

    /// A pattern's file for a collection and a layer: "{collection}" is the collection with "." for "/", "{layer}" the
    /// layer in two digits.
    static func path(_ pattern: String, collection: String, layer: Int?) -> String {
        var path = replacing("{collection}", in: pattern) {
            collection.split(separator: "/", omittingEmptySubsequences: false).joined(separator: ".")
        }
        if let layer { path = replacing("{layer}", in: path) { (layer < 10 ? "0" : "") + "\(layer)" } }
        return path
    }

    private static func replacing(_ name: String, in pattern: String, with value: () -> String) -> String {
        var parts: [Substring] = [], rest = pattern[...]
        while let found = rest.firstRange(of: name) {
            parts.append(rest[..<found.lowerBound])
            rest = rest[found.upperBound...]
        }
        return (parts + [rest]).joined(separator: value())
    }
}

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
