/// SplitMix64: the same numbers in every run and on every machine.
package struct SeededGenerator: RandomNumberGenerator {
    package var state: UInt64

    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// The bytes cut short, in every fourth round, or with one bit of them flipped.
    package mutating func damaged(_ whole: [UInt8], round: Int) -> [UInt8] {
        var bytes = whole
        if round % 4 == 0 {
            bytes.removeLast(Int.random(in: 1..<bytes.count, using: &self))
        } else {
            bytes[Int.random(in: 0..<bytes.count, using: &self)] ^= 1 << UInt8.random(in: 0..<8, using: &self)
        }
        return bytes
    }

    package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// −1 … 1, in steps of 1/10,000.
    package mutating func unit() -> Float { Float(next() % 20_001) / 10_000 - 1 }
}
