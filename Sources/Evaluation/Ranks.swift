/// Where a gold candidate stands among all candidates for its query, by counting.
package struct GoldRank: Hashable, Sendable {
    /// Candidates with a higher score.
    package var greater: Int
    /// Other candidates with exactly the gold's score, in smaller and in larger rows.
    package var equalBefore: Int
    package var equalAfter: Int

    package init(greater: Int, equalBefore: Int, equalAfter: Int) {
        self.greater = greater
        self.equalBefore = equalBefore
        self.equalAfter = equalAfter
    }

    /// 1 + candidates scoring higher + candidates scoring equal with a smaller row. Rows are frequency-ordered, so
    /// among equals the more frequent word comes first.
    package var rank: Int { 1 + greater + equalBefore }
    /// The rank if every tie fell in the gold's favour.
    package var bestRank: Int { 1 + greater }
    /// The rank if every tie fell against it.
    package var worstRank: Int { 1 + greater + equalBefore + equalAfter }
    /// Other candidates with the gold's score.
    package var ties: Int { equalBefore + equalAfter }
}

/// The ranks of one evaluation's queries, each with its place in the data: what intervals and comparisons are made of.
///
/// Two evaluations over the same data have the same query at the same position, whatever else either has no vector for.
package struct Ranks: Hashable, Sendable {
    /// Place of each query in its data file (a dictionary's row from 0, a sentence's line from 1), ascending, each
    /// once.
    package let positions: [Int]
    /// One for each position.
    package let ranks: [GoldRank]

    /// - Parameters:
    ///   - ranks: nil where there is no query.
    ///   - positions: of the elements of `ranks`, each once, in any order; their indices when left out.
    package init(_ ranks: [GoldRank?], positions: [Int]? = nil) {
        precondition(positions.map { $0.count == ranks.count } ?? true, "\(ranks.count) ranks at other positions")
        let found = ranks.enumerated()
            .compactMap { index, rank in rank.map { (position: positions?[index] ?? index, rank: $0) } }
            .sorted { $0.position < $1.position }
        self.positions = found.map(\.position)
        self.ranks = found.map(\.rank)
    }

    /// Queries that stand in both, as (own index, the other's index), by position.
    package func common(with other: Ranks) -> [(Int, Int)] {
        var pairs: [(Int, Int)] = []
        var (own, others) = (0, 0)
        while own < positions.count, others < other.positions.count {
            if positions[own] == other.positions[others] {
                pairs.append((own, others))
                own += 1
                others += 1
            } else if positions[own] < other.positions[others] {
                own += 1
            } else {
                others += 1
            }
        }
        return pairs
    }

    // MARK: Bytes

    /// LEB128 numbers: how many, then for each the position less the one before, and 2 · rank, plus 1 when there are
    /// ties and the equals before and after follow. About two bytes a query.
    package var encoded: [UInt8] {
        var writer = CompactNumbers()
        writer.append(positions.count)
        var previous = 0
        for (position, rank) in zip(positions, ranks) {
            writer.append(position - previous)
            previous = position
            writer.append(2 * rank.rank + (rank.ties > 0 ? 1 : 0))
            if rank.ties > 0 {
                writer.append(rank.equalBefore)
                writer.append(rank.equalAfter)
            }
        }
        return writer.bytes
    }

    /// Reads as many bytes as it has; `bytes` is what follows.
    /// - Throws: `EvaluationError.damagedOutcomes`.
    package init(decoding bytes: inout ArraySlice<UInt8>) throws {
        let count = try CompactNumbers.next(&bytes)
        // Each takes two bytes at least: what is not there takes no memory.
        guard count <= bytes.count / 2 else {
            throw EvaluationError.damagedOutcomes("\(count) ranks in \(bytes.count) bytes")
        }
        var (positions, ranks) = ([Int](), [GoldRank]())
        for _ in 0..<count {
            let position = try CompactNumbers.next(&bytes) + (positions.last ?? 0)
            let code = try CompactNumbers.next(&bytes)
            var (before, after) = (0, 0)
            if code % 2 == 1 {
                before = try CompactNumbers.next(&bytes)
                after = try CompactNumbers.next(&bytes)
            }
            guard position > (positions.last ?? -1), code >= 2, before < code / 2 else {
                throw EvaluationError.damagedOutcomes("rank \(code / 2) at \(position), \(before) equals before")
            }
            positions.append(position)
            ranks.append(GoldRank(greater: code / 2 - 1 - before, equalBefore: before, equalAfter: after))
        }
        (self.positions, self.ranks) = (positions, ranks)
    }
}

/// The cosines of one evaluation's word pairs, each with its place in the data.
package struct PairSimilarities: Hashable, Sendable {
    /// Row of each pair in its file, from 0, ascending, each once.
    package let positions: [Int]
    package let cosines: [Double]

    package init(positions: [Int], cosines: [Double]) {
        precondition(positions.count == cosines.count && zip(positions, positions.dropFirst()).allSatisfy(<))
        self.positions = positions
        self.cosines = cosines
    }

    /// LEB128 numbers: how many, then for each the position less the one before and the cosine's eight bytes,
    /// little-endian: ρ depends on which of two cosines is larger by a bit.
    package var encoded: [UInt8] {
        var writer = CompactNumbers()
        writer.append(positions.count)
        var previous = 0
        for (position, cosine) in zip(positions, cosines) {
            writer.append(position - previous)
            previous = position
            withUnsafeBytes(of: cosine.bitPattern.littleEndian) { writer.bytes.append(contentsOf: $0) }
        }
        return writer.bytes
    }

    /// - Throws: `EvaluationError.damagedOutcomes`.
    package init(decoding bytes: inout ArraySlice<UInt8>) throws {
        let count = try CompactNumbers.next(&bytes)
        guard count <= bytes.count / 9 else {
            throw EvaluationError.damagedOutcomes("\(count) similarities in \(bytes.count) bytes")
        }
        var (positions, cosines) = ([Int](), [Double]())
        for _ in 0..<count {
            let position = try CompactNumbers.next(&bytes) + (positions.last ?? 0)
            guard bytes.count >= 8, position > (positions.last ?? -1) else {
                throw EvaluationError.damagedOutcomes("\(bytes.count) bytes for a similarity at \(position)")
            }
            var bits: UInt64 = 0
            for byte in bytes.prefix(8).reversed() { bits = bits << 8 | UInt64(byte) }
            bytes = bytes.dropFirst(8)
            positions.append(position)
            cosines.append(Double(bitPattern: bits))
        }
        (self.positions, self.cosines) = (positions, cosines)
    }
}

/// Whole numbers from 0 as LEB128: seven bits a byte, the lowest first, the highest bit set on all but the last.
struct CompactNumbers {
    var bytes: [UInt8] = []

    mutating func append(_ number: Int) {
        precondition(number >= 0)
        var rest = UInt(number)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// At most five bytes: every number here is below 2³⁵, so that sums of two are no trouble.
    static func next(_ bytes: inout ArraySlice<UInt8>) throws -> Int {
        var number = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            guard let byte = bytes.popFirst() else { throw EvaluationError.damagedOutcomes("an end inside a number") }
            number |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        throw EvaluationError.damagedOutcomes("a number of more than five bytes")
    }
}
