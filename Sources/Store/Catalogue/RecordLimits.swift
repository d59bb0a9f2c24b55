/// What numbers of a record may be, far beyond any real one and far below where arithmetic on them ends: a catalogue
/// may come from anybody.
enum RecordLimits {
    /// Rows are numbered by UInt32.
    static let rows = 0...Int(UInt32.max)
    static let dimension = 1...FaissHeader.largestDimension
    /// A pebibyte. `Int` holds the sum of 8,000 of them, and sums are saturating.
    static let bytes = 0...(1 << 50)
    /// Counts of texts in a source file.
    static let count = 0...(1 << 40)
    static let layerCount = 0...999
    static let subwords = 0...Int(Int32.max)
    /// Seconds since 1970: 31,000 years to either side.
    static let seconds = -1e12...1e12
    /// Scores are about 1, counts are whole numbers that a double holds exactly.
    static let value = -0x1p53...0x1p53
}

extension Sequence<Int> {
    /// The sum; the largest `Int` when it is larger. For sizes of files, which a record or a sparse file can make
    /// arbitrary.
    package func saturatingSum() -> Int {
        reduce(0) { sum, next in
            let (result, overflow) = sum.addingReportingOverflow(next)
            return overflow ? (next < 0 ? Int.min : Int.max) : result
        }
    }
}
