import Fingerprinting

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
