import Testing

@testable import Indexer

@Suite struct CommandLineValuesTests {
    @Test(arguments: [
        ("0", [0]), ("0,6,12", [0, 6, 12]), ("12,0,6,6", [0, 6, 12]), ("8-11", [8, 9, 10, 11]),
        ("0,3-5,4", [0, 3, 4, 5]),
    ])
    func layers(argument: String, numbers: [Int]) throws {
        #expect(try LayerSelection(argument: argument)?.numbers(checkpoint: "x", layerCount: 12) == numbers)
    }

    @Test(arguments: ["", "a", "1,", "-1", "1-", "5-3", "+1", "1.5", "all,1", "1000", "99999999999999999999"])
    func layersThatAreNone(argument: String) {
        #expect(LayerSelection(argument: argument) == nil)
    }

    @Test func namedPaths() {
        #expect(NamedPath(argument: "a=b=c").map { [$0.name, $0.path] } == ["a", "b=c"])
        for bad in ["", "a", "=b", "a="] { #expect(NamedPath(argument: bad) == nil) }
    }

    @Test func locationsKeepTheirParts() {
        let spool = VectorLocation(source: 65534, record: 0xFF_FFFF, position: 0xFF_FFFF)
        #expect([spool.source, spool.record, spool.position] == [65534, 0xFF_FFFF, 0xFF_FFFF])
        #expect(spool != .unknown && spool < .unknown)
        let row = VectorLocation(source: 3, row: 1 << 40)
        #expect([row.source, row.row] == [3, 1 << 40])
        #expect(VectorLocation(source: 1, record: 2, position: 9) < VectorLocation(source: 1, record: 3, position: 0))
    }
}
