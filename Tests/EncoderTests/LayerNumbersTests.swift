import Testing

@testable import Encoder

@Suite struct LayerNumbersTests {
    @Test(arguments: [
        ("0", [0]), ("0,6,12", [0, 6, 12]), ("12,0,6,6", [0, 6, 12]), ("8-11", [8, 9, 10, 11]),
        ("0,3-5,4", [0, 3, 4, 5]), ("999", [999]),
    ])
    func numbersAndRanges(text: String, numbers: [Int]) { #expect(LayerNumbers.parse(text) == numbers) }

    @Test(arguments: [
        "", "a", "1,", "-1", "1-", "5-3", "1-2-3", "+1", "1.5", "all", "1000", "99999999999999999999", "１",
    ])
    func anythingElse(text: String) { #expect(LayerNumbers.parse(text) == nil) }

    @Test func text() {
        #expect(LayerNumbers.text([0, 1, 2, 6, 8, 9]) == "0-2,6,8-9")
        #expect(LayerNumbers.text([0, 1, 5], separator: ", ") == "0-1, 5")
        #expect(LayerNumbers.text([]) == "")
    }
}
