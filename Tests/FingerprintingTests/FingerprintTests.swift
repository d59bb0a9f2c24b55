import Foundation
import Testing

@testable import Fingerprinting

@Suite struct FingerprintTests {
    /// Reference values printed by `xxhash.xxh3_128_hexdigest` (Python xxhash 3.x).
    @Test func matchesPublishedXXH3() {
        let empty = Fingerprint.of(bytes: UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(empty.hex == "99aa06d3014798d86001c324468d497f")
    }

    @Test func hexRoundTrips() {
        let value = Fingerprint(high: 0x0000_0000_0000_00ff, low: 1)
        #expect(value.hex == "00000000000000ff0000000000000001")
        #expect(Fingerprint(hex: value.hex) == value)
        #expect(Fingerprint(hex: "zz") == nil)
        #expect(Fingerprint(hex: String(repeating: "+", count: 32)) == nil)
    }

    @Test func stringsAreLengthPrefixed() {
        let a = FingerprintBuilder()
        a.combine("ab")
        a.combine("c")
        let b = FingerprintBuilder()
        b.combine("a")
        b.combine("bc")
        #expect(a.finish() != b.finish())
    }
}
