import Files

/// The layout of lang2vec's feature files: four NumPy arrays in a zip archive.
enum TypologyArchive {
    /// - Throws: `LexiconError`, `SystemFault`.
    static func read(path: String) throws -> TypologyVectors {
        let archive = try ZipArchive(path: path)
        let array = { (name: String) in try NumPyArray(bytes: archive.member("\(name).npy"), path: path, name: name) }
        let (codes, features) = (try array("langs").texts(), try array("feats").texts())
        let data = try array("data")
        guard data.shape.count == 3, data.shape[0] == codes.count, data.shape[1] == features.count else {
            throw problem(
                path, expected: "data of the shape [\(codes.count), \(features.count), sources]",
                found: "\(data.shape)")
        }
        guard data.shape[2] == 1 else {
            throw problem(
                path, expected: "one source, as in feature_predictions.npz", found: "\(data.shape[2]) sources")
        }
        let values = try data.numbers().map { $0 < 0 ? .nan : $0 }
        return TypologyVectors(path: path, features: features, codes: codes, values: values)
    }

    private static func problem(_ path: String, expected: String, found: String) -> FileError {
        .malformed(
            path: path, offset: 0, expected: expected, found: found,
            advice: "take lang2vec's feature_predictions.npz, or a table of text")
    }
}
