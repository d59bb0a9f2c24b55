/// A value for every Unicode code point, in constant time: pages of 128, equal pages stored once.
struct ScalarTable<Value: Hashable & Sendable>: Sendable {
    private var pageOf: [UInt16]
    private var values: [Value]

    /// - Parameter runs: ascending starts; the value holds up to the next start. Before the first: `initial`.
    init(initial: Value, runs: [(start: UInt32, value: Value)]) {
        pageOf = []
        pageOf.reserveCapacity(0x110000 / 128)
        values = []
        var known: [[Value]: UInt16] = [:]
        var uniform: [Value: UInt16] = [:]
        var current = initial
        var next = 0
        for page in 0..<(0x110000 / 128) {
            let start = UInt32(page) * 128
            let isUniform = next == runs.count || runs[next].start >= start + 128
            if isUniform, let index = uniform[current] {
                pageOf.append(index)
                continue
            }
            var content = [Value]()
            content.reserveCapacity(128)
            for scalar in start..<(start + 128) {
                if next < runs.count, runs[next].start == scalar {
                    current = runs[next].value
                    next += 1
                }
                content.append(current)
            }
            let index = known[content] ?? UInt16(values.count / 128)
            if known[content] == nil {
                known[content] = index
                values += content
            }
            if isUniform { uniform[current] = index }
            pageOf.append(index)
        }
    }

    /// - Parameter points: ascending scalars with a value; all others have `initial`.
    init(initial: Value, points: [(scalar: UInt32, value: Value)]) {
        var runs: [(start: UInt32, value: Value)] = []
        runs.reserveCapacity(2 * points.count)
        for (index, point) in points.enumerated() {
            runs.append((point.scalar, point.value))
            if index + 1 == points.count || points[index + 1].scalar != point.scalar + 1 {
                runs.append((point.scalar + 1, initial))
            }
        }
        self.init(initial: initial, runs: runs)
    }

    /// - Parameter scalar: below 0x110000.
    @inline(__always)
    subscript(scalar: UInt32) -> Value {
        values[Int(pageOf[Int(scalar >> 7)]) << 7 | Int(scalar & 127)]
    }
}
