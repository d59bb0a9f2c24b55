/// The vectors of a layer file on their way into it: asked for part after part, in the order of rows, so that no layer
/// has to be in memory.
package struct LayerRows {
    /// Bytes of a part: large enough for long reads and writes, small beside what else a build holds.
    package static let usualPartBytes = 64 << 20

    package let count: Int
    let dimension: Int
    let elementBytes: Int
    /// Rows of a part; the last one may have fewer.
    package let partRows: Int
    private let fill: (Range<Int>, UnsafeMutableRawBufferPointer) throws -> Void

    /// - Parameters:
    ///   - partBytes: of a part at most; one row is always taken.
    ///   - fill: writes the vectors of consecutive rows, rows × dimension normalised values in the codec's element
    ///     type: Float16 for fp16, Float32 for fp32, sq8 and hnsw. May be asked for the same rows again.
    package init(
        count: Int, dimension: Int, codec: Codec, partBytes: Int = LayerRows.usualPartBytes,
        fill: @escaping (Range<Int>, UnsafeMutableRawBufferPointer) throws -> Void
    ) {
        precondition(
            count >= 0 && dimension > 0 && dimension <= FaissHeader.largestDimension,
            "a layer has rows of 1 to \(FaissHeader.largestDimension) values, got \(count) of \(dimension)")
        self.count = count
        self.dimension = dimension
        elementBytes = codec.elementBytes
        partRows = max(1, partBytes / (dimension * elementBytes))
        self.fill = fill
    }

    var rowBytes: Int { dimension * elementBytes }

    /// All rows, cut into parts.
    var parts: [Range<Int>] {
        stride(from: 0, to: count, by: partRows).map { $0..<min($0 + partRows, count) }
    }

    /// - Parameter output: rows.count × `rowBytes` bytes.
    func read(_ rows: Range<Int>, into output: UnsafeMutableRawBufferPointer) throws {
        precondition(rows.upperBound <= count && output.count == rows.count * rowBytes)
        try fill(rows, output)
    }
}

/// One part of a layer in memory; the same part asked for again is there.
final class LayerPart {
    private let rows: LayerRows
    private let memory: UnsafeMutableRawBufferPointer
    private var held: Range<Int>?

    init(of rows: LayerRows) {
        self.rows = rows
        memory = .allocate(byteCount: min(rows.count, rows.partRows) * rows.rowBytes, alignment: 64)
    }

    deinit { memory.deallocate() }

    /// The vectors of a part of `LayerRows.parts`; they are another part's after the next call.
    func read(_ part: Range<Int>) throws -> UnsafeRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer(rebasing: memory[..<(part.count * rows.rowBytes)])
        if held != part {
            held = nil
            try rows.read(part, into: bytes)
            held = part
        }
        return UnsafeRawBufferPointer(bytes)
    }
}
