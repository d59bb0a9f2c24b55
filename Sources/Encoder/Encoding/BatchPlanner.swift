/// Cuts sequences by tokens into batches that are computed together.
///
/// Tokens of a batch lie end to end, without padding, so its cost is their number; a vector does not depend on the
/// batch. What is asked of a cut differs: neighbours in order for a stream, long ones first where threads shall end
/// together, the same cut on every machine where sums of gradients follow it.
package struct BatchPlanner: Sendable {
    /// Tokens computed together: enough to amortise streaming the weights, few enough to stay in the caches.
    package static let defaultTokens = 384
    /// Below this a matrix product loses more than an even end of the run gains.
    private static let fewestTokens = 96

    /// Tokens of a batch at most; a longer sequence is a batch of its own.
    package var tokens: Int

    package init(tokens: Int = defaultTokens) { self.tokens = tokens }

    /// Neighbours in the order given, as many together as fit.
    package func neighbours(lengths: [Int]) -> [Range<Int>] {
        batches(lengths: lengths) { _ in tokens }
    }

    /// Longest first: full batches, then ever smaller ones, so that no thread waits long for another's last batch.
    /// - Returns: positions in `lengths`.
    package func balanced(lengths: [Int], threads: Int) -> [[Int]] {
        let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
        let batches = batches(lengths: order.map { lengths[$0] }) { remaining in
            min(tokens, max(Self.fewestTokens, remaining / (2 * threads)))
        }
        return batches.map { Array(order[$0]) }
    }

    /// Neighbours in the order given, an even number of batches of about `tokens` and about equal size.
    package func even(lengths: [Int]) -> [Range<Int>] {
        let total = lengths.reduce(0, +), wanted = max(2, (total + tokens - 1) / tokens), count = wanted + wanted % 2
        var batches: [Range<Int>] = [], start = 0, end = 0
        for index in lengths.indices {
            end += lengths[index]
            // Half a sequence over the mark is no nearer than half a sequence under it.
            let next = index + 1 < lengths.count ? lengths[index + 1] : 0
            let mark = total * (batches.count + 1) / count
            guard index + 1 == lengths.count || 2 * end + next > 2 * mark else { continue }
            batches.append(start..<(index + 1))
            start = index + 1
        }
        return batches
    }

    /// - Parameter limit: tokens of the next batch, given those not yet in one.
    private func batches(lengths: [Int], limit: (_ remaining: Int) -> Int) -> [Range<Int>] {
        var batches: [Range<Int>] = [], start = 0, tokens = 0, remaining = lengths.reduce(0, +)
        var most = limit(remaining)
        for (index, length) in lengths.enumerated() {
            if index > start, tokens + length > most {
                batches.append(start..<index)
                (start, tokens, most) = (index, 0, limit(remaining))
            }
            tokens += length
            remaining -= length
        }
        if start < lengths.count { batches.append(start..<lengths.count) }
        return batches
    }
}
