import Testing

@testable import Console

@Suite struct QuantityTests {
    @Test func grouping() {
        #expect(
            [0, 7, 999, 1000, 123456, 1234567, -1000].map(Quantity.grouped)
                == ["0", "7", "999", "1,000", "123,456", "1,234,567", "-1,000"])
        #expect(Quantity.grouped(.min) == "-9,223,372,036,854,775,808")
    }

    @Test func fixedDecimals() {
        #expect(Quantity.fixed(0.0004, places: 3) == "0.000")
        #expect(Quantity.fixed(-0.0004, places: 3) == "0.000")
        #expect(Quantity.fixed(-1.5, places: 0) == "-2")
        #expect(Quantity.fixed(12.345, places: 1) == "12.3")
        #expect(Quantity.fixed(.nan, places: 2) == "–")
        #expect(Quantity.fixed(1e300, places: 2) == "1e+300")
    }

    @Test func bytesAndDurations() {
        #expect(
            [0, 999, 1000, 1536, 999_949, 999_950, 28_000_000_000].map(Quantity.bytes)
                == ["0 B", "999 B", "1.0 KB", "1.5 KB", "999.9 KB", "1.0 MB", "28.0 GB"])
        #expect(
            [4.21, 59.96, 75, 7384].map { Quantity.duration(seconds: $0) } == ["4.2 s", "60.0 s", "1:15", "2:03:04"])
        #expect(
            [3, 60, 7300, 200_000].map { Quantity.age(seconds: $0) } == ["just now", "1 minute", "2 hours", "2 days"])
    }
}
