/// Where the vectors of a sequence are: nowhere yet, in a spool record, or in a row of a stored collection.
///
/// One 64-bit number, so that a million and a half of them are 12 MB and sorting them is sorting reads by place.
struct VectorLocation: Hashable, Comparable, Sendable {
    let packed: UInt64

    static let unknown = VectorLocation(packed: .max)
    /// Sources that can be told apart (the last number is part of `unknown`).
    static let sourceLimit = 0xFFFF
    private static let positionBits: UInt64 = 24
    private static let placeBits: UInt64 = 48

    private init(packed: UInt64) { self.packed = packed }

    /// - Parameters:
    ///   - source: number in `VectorSources`.
    ///   - row: row of a stored collection.
    init(source: Int, row: Int) {
        precondition(source < Self.sourceLimit && row < 1 << Self.placeBits)
        packed = UInt64(source) << Self.placeBits | UInt64(row)
    }

    init(source: Int, record: Int, position: Int) {
        precondition(record < 1 << 24 && position < 1 << Self.positionBits)
        self.init(source: source, row: record << Self.positionBits | position)
    }

    var source: Int { Int(packed >> Self.placeBits) }
    var row: Int { Int(packed & (1 << Self.placeBits - 1)) }
    var record: Int { row >> Self.positionBits }
    var position: Int { row & (1 << Self.positionBits - 1) }

    static func < (a: VectorLocation, b: VectorLocation) -> Bool { a.packed < b.packed }
}
