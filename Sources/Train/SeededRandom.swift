import Fingerprinting

/// SplitMix64: the same numbers for the same seed on every machine and in every release.
struct SeededRandom: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= SplitMix64.increment
        return SplitMix64.mix(state)
    }

    /// A number under `bound`, each equally likely (Lemire's method, with rejection).
    ///
    /// Not `Int.random(in:using:)`: the standard library does not promise which numbers that draws.
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0)
        let bound = UInt64(bound)
        while true {
            let (high, low) = next().multipliedFullWidth(by: bound)
            if low >= bound || low >= (0 &- bound) % bound { return Int(high) }
        }
    }
}
