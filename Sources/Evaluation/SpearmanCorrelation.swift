/// Spearman's ρ: Pearson's correlation of average ranks.
package struct SpearmanCorrelation: Hashable, Sendable {
    /// NaN when fewer than two pairs are left or when one side is constant, as `scipy.stats.spearmanr` gives.
    package let rho: Double
    /// Pairs counted.
    package let pairs: Int
    /// Pairs left out because a value is NaN.
    package let omitted: Int

    /// - Source: `scipy.stats.spearmanr(first, second, nan_policy="omit")`.
    package init(_ first: [Double], _ second: [Double]) {
        precondition(first.count == second.count, "\(first.count) values against \(second.count)")
        let kept = first.indices.filter { !first[$0].isNaN && !second[$0].isNaN }
        pairs = kept.count
        omitted = first.count - kept.count
        rho = Self.pearson(Self.averageRanks(kept.map { first[$0] }), Self.averageRanks(kept.map { second[$0] }))
    }

    /// Ranks from 1; equal values share the mean of their ranks.
    package static func averageRanks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            let shared = Double(start + 1 + end) / 2
            for index in order[start..<end] { ranks[index] = shared }
            start = end
        }
        return ranks
    }

    private static func pearson(_ x: [Double], _ y: [Double]) -> Double {
        guard x.count >= 2 else { return .nan }
        let meanX = x.reduce(0, +) / Double(x.count)
        let meanY = y.reduce(0, +) / Double(y.count)
        var xx = 0.0
        var yy = 0.0
        var xy = 0.0
        for (a, b) in zip(x, y) {
            xx += (a - meanX) * (a - meanX)
            yy += (b - meanY) * (b - meanY)
            xy += (a - meanX) * (b - meanY)
        }
        guard xx > 0, yy > 0 else { return .nan }
        return min(1, max(-1, xy / (xx * yy).squareRoot()))
    }
}
