import CKernels

/// Products of rows rounded to signed bytes, and what they say for certain of the float32 products of the rows.
///
/// A row is a centre, a scale times 8-bit numbers and a rest whose length is known; docs/scores.md, "Fewer exact
/// products", proves the bounds.
package enum ByteProducts {
    /// Whether they are faster than products of floats on this processor (AVX-512 VNNI).
    package static var fast: Bool { ck_fast_byte_products() == 1 }
    /// Rows longer than this are not rounded: their products do not fit into 32 bits.
    package static let largestDimension = Int(CK_BYTE_DEPTH)

    /// What rounding of float32 can do to a score, an estimate of it and their difference, for unit rows.
    /// - Parameter penalty: the largest magnitude of what is subtracted from a score.
    package static func slack(dimension: Int, penalty: Float) -> Float {
        (1.25 * Float(dimension) + 64) * (1 + penalty) * 0x1p-24
    }

    /// out[i] = a · row rows[i] of b [_, K], within `slack` of any other order of the sum.
    package static func products(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows: UnsafeBufferPointer<UInt32>, dimension: Int,
        into out: UnsafeMutablePointer<Float>
    ) {
        ck_row_products(a, b, dimension, rows.baseAddress, rows.count, dimension, out)
    }

    /// The same, bit for bit as `PackedMatrix` multiplies.
    package static func exactProducts(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows: UnsafeBufferPointer<UInt32>, dimension: Int,
        into out: UnsafeMutablePointer<Float>
    ) {
        ck_chain_products(a, b, dimension, rows.baseAddress, rows.count, dimension, out)
    }
}

/// Queries rounded about one centre. Unchecked Sendable: never written after `init`.
package final class RoundedQueries: @unchecked Sendable {
    package let count: Int
    package let dimension: Int
    fileprivate let bytes: UnsafeMutablePointer<Int8>
    fileprivate let rounded: UnsafeMutablePointer<ck_rounded>
    /// [C]
    fileprivate let center: FloatBuffer

    /// - Parameters:
    ///   - rows: [count, dimension], of length 1.
    ///   - center: [dimension], what the rows have in common: the bounds are narrow when that is taken away.
    package init(_ rows: UnsafePointer<Float>, count: Int, dimension: Int, center: FloatBuffer) {
        precondition(dimension <= ByteProducts.largestDimension && center.count >= dimension)
        self.count = count
        self.dimension = dimension
        self.center = center
        let width = 4 * ck_byte_groups(dimension)
        bytes = .allocate(capacity: max(count * width, 1))
        rounded = .allocate(capacity: max(count, 1))
        let scratch = FloatBuffer(count: 2 * dimension)
        for row in 0..<count {
            ck_round_row(
                rows + row * dimension, center.pointer, center.pointer, dimension, bytes + row * width, scratch.pointer,
                rounded + row)
        }
    }

    deinit {
        bytes.deallocate()
        rounded.deallocate()
    }
}

/// A block of candidates rounded about a centre, and the products of queries with it. One thread's own.
package final class RoundedCandidates {
    private let dimension: Int
    private let capacity: Int
    private let groups: Int
    private var count = 0
    private let bytes: UnsafeMutablePointer<Int8>
    private let packed: UnsafeMutablePointer<UInt32>
    /// Scale, length, error and offset, [capacity] each.
    private let known: FloatBuffer
    private let scratch: FloatBuffer
    private let products: UnsafeMutablePointer<Int32>
    private let tile: Int

    /// - Parameters:
    ///   - capacity: most candidates of a block.
    ///   - tile: most queries multiplied at a time.
    package init(dimension: Int, capacity: Int, tile: Int) {
        self.dimension = dimension
        self.tile = tile
        let columns = Int(CK_BYTE_COLUMN_TILE)
        self.capacity = (capacity + columns - 1) / columns * columns
        groups = ck_byte_groups(dimension)
        bytes = .allocate(capacity: self.capacity * groups * 4)
        packed = UnsafeMutableRawPointer.allocate(byteCount: self.capacity * groups * 4, alignment: 64)
            .bindMemory(to: UInt32.self, capacity: self.capacity * groups)
        known = FloatBuffer(count: 4 * self.capacity)
        scratch = FloatBuffer(count: 2 * dimension)
        products = UnsafeMutableRawPointer.allocate(byteCount: self.capacity * tile * 4, alignment: 64)
            .bindMemory(to: Int32.self, capacity: self.capacity * tile)
    }

    deinit {
        bytes.deallocate()
        UnsafeMutableRawPointer(packed).deallocate()
        UnsafeMutableRawPointer(products).deallocate()
    }

    /// Takes in a block.
    /// - Parameters:
    ///   - rows: [count, dimension], of length 1.
    ///   - center: [dimension], what they have in common.
    ///   - queries: what they will be multiplied with.
    ///   - penalties: [count], subtracted from a candidate's scores; nil for none.
    package func load(
        _ rows: UnsafePointer<Float>, count: Int, center: FloatBuffer, queries: RoundedQueries,
        penalties: UnsafePointer<Float>?
    ) {
        precondition(count <= capacity && queries.dimension == dimension)
        self.count = count
        var rounded = ck_rounded()
        for row in 0..<count {
            ck_round_row(
                rows + row * dimension, center.pointer, queries.center.pointer, dimension, bytes + row * groups * 4,
                scratch.pointer, &rounded)
            known.pointer[row] = rounded.scale
            known.pointer[capacity + row] = rounded.length
            known.pointer[2 * capacity + row] = rounded.error
            known.pointer[3 * capacity + row] = rounded.product - (penalties?[row] ?? 0)
        }
        ck_pack_bytes(bytes, count, groups, packed)
    }

    /// Multiplies consecutive queries, at most `tile`, with the block.
    package func multiply(_ queries: RoundedQueries, _ range: Range<Int>) {
        precondition(range.count <= tile && range.upperBound <= queries.count)
        ck_byte_products(
            queries.bytes + range.lowerBound * groups * 4, queries.rounded + range.lowerBound, range.count, packed,
            count, groups, products, capacity)
    }

    /// Counts the candidates that score more than `level` for certain and lists those that may be either.
    /// - Parameters:
    ///   - position: the query's place in the range multiplied last.
    ///   - query: its number.
    ///   - level: the score to compare with, less the query's product with the candidates' centre.
    ///   - undecided: room for 16 more than the block has candidates; filled with places in the block, ascending.
    /// - Returns: how many are undecided.
    package func decide(
        _ position: Int, query: Int, of queries: RoundedQueries, level: Float, slack: Float,
        above: inout UInt32, undecided: UnsafeMutablePointer<UInt32>
    ) -> Int {
        let rounded = queries.rounded[query]
        var candidates = ck_candidates(
            scale: known.pointer, length: known.pointer + capacity, error: known.pointer + 2 * capacity,
            offset: known.pointer + 3 * capacity)
        var wanted = ck_level(
            level: level, scale: rounded.scale, length: rounded.length + rounded.error, error: rounded.error,
            slack: slack)
        return ck_decide(products + position * capacity, &candidates, count, &wanted, &above, undecided)
    }
}
