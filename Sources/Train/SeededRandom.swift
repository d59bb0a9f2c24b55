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

/// Random numbers by position: the k-th number of a seed needs no number before it, so a resumed run draws the same.
///
/// The k-th output of SplitMix64, computed directly.
struct CounterRandom: Sendable {
    let seed: UInt64

    /// - Parameter stream: separates uses of one seed (draws of pairs, shuffles of epochs).
    init(seed: UInt64, stream: UInt64) {
        self.seed = SplitMix64.mix(seed &+ SplitMix64.mix(stream &+ 0x632b_e59b_d9b4_e019))
    }

    subscript(position: UInt64) -> UInt64 { SplitMix64.mix(seed &+ (position &+ 1) &* SplitMix64.increment) }

    /// In [0, 1), 53 bits.
    func fraction(_ position: UInt64) -> Double { Double(self[position] >> 11) * 0x1p-53 }

    /// Under `bound`; the bias of the multiplication is at most bound / 2^64.
    func below(_ bound: Int, _ position: UInt64) -> Int {
        Int(self[position].multipliedFullWidth(by: UInt64(bound)).high)
    }
}
