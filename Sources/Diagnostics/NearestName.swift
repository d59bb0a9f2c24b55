/// The known name a mistyped one was probably meant to be.
package enum NearestName {
    /// - Returns: the name with the smallest edit distance, when that is at most a third of the typed length (at least
    ///   1); the first in order among equals.
    package static func of(_ name: String, among known: [String]) -> String? {
        let typed = Array(name.utf8)
        let limit = max(1, typed.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in known {
            let distance = editDistance(typed, Array(candidate.utf8))
            if distance <= limit, best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
        }
        return best?.name
    }

    /// Levenshtein distance in bytes, two neighbours exchanged being one step (optimal string alignment).
    static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before: [Int] = [], previous = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var current = [i + 1]
            current.reserveCapacity(b.count + 1)
            for (j, y) in b.enumerated() {
                var steps = min(previous[j] + (x == y ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, x == b[j - 1], y == a[i - 1] { steps = min(steps, before[j - 1] + 1) }
                current.append(steps)
            }
            (before, previous) = (previous, current)
        }
        return previous[b.count]
    }
}
