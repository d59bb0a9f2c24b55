import Files

/// Words and vectors as word2vec writes them, as text (`.vec`, fastText's too) or binary (`.bin`); gzip when the name
/// ends so. gensim, fastText's tools, MUSE and VecMap read the text, gensim and word2vec's tools the binary.
///
/// Text: "rows dimension", then a line for each word: the word, a space, the values, spaces between. Binary: the same
/// header line, then the word, a space, the values as little-endian float32, a line feed. A space ends the word in
/// both, so spaces in a word are written as "_", as word2vec writes its phrases.
/// - Source: word2vec.c (`TrainModel`, `binary`); gensim `KeyedVectors.load_word2vec_format`.
final class WordVectorFile {
    private let file: OutputFile
    private let format: VectorFileFormat
    private let dimension: Int
    private let rows: Int
    private var written = 0
    /// Words whose spaces were written as "_".
    private(set) var wordsWithSpaces = 0

    /// - Parameter format: `.text` or `.binary`.
    /// - Throws: `SystemFault`.
    init(path: String, format: VectorFileFormat, rows: Int, dimension: Int) throws {
        precondition(format.holdsWords && dimension > 0)
        file = try OutputFile(path: path)
        self.format = format
        self.rows = rows
        self.dimension = dimension
        try file.append("\(rows) \(dimension)\n")
    }

    /// Writes the next row.
    /// - Parameters:
    ///   - word: UTF-8.
    ///   - values: `dimension` of them.
    func append(word: some Sequence<UInt8>, values: UnsafePointer<Float>) throws {
        var hasSpace = false
        try file.append { buffer in
            for byte in word {
                // Readers split at spaces, and lines at line feeds.
                let isSpace = byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
                hasSpace = hasSpace || isSpace
                buffer.append(isSpace ? UInt8(ascii: "_") : byte)
            }
            if format == .binary {
                buffer.append(0x20)
                for index in 0..<dimension {
                    withUnsafeBytes(of: values[index].bitPattern.littleEndian) { buffer.append(contentsOf: $0) }
                }
            } else {
                for index in 0..<dimension {
                    buffer.append(0x20)
                    // The shortest digits that give the same float32 again.
                    buffer.append(contentsOf: values[index].description.utf8)
                }
            }
            buffer.append(0x0A)
        }
        if hasSpace { wordsWithSpaces += 1 }
        written += 1
    }

    /// Makes the file durable and gives it its name.
    func finish() throws {
        precondition(written == rows, "\(written) rows written under a header of \(rows)")
        try file.finish()
    }
}
