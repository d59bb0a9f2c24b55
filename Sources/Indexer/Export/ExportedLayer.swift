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
