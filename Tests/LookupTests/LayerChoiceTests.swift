import Testing

@testable import Lookup

@Suite struct LayerChoiceTests {
    @Test func layerChoices() {
        #expect(LayerChoice(argument: "all") == .all)
        #expect(LayerChoice(argument: "0,6,12") == .some([0, 6, 12]))
        #expect(LayerChoice(argument: "4-6,5") == .some([4, 5, 6]))
        for bad in ["", ",", "1,", "3-1", "-1", "a", "1000", "0-99999999999999999999", "1-2-3", "1 "] {
            #expect(LayerChoice(argument: bad) == nil, "\(bad)")
        }
        #expect(LayerChoice.some([2, 9]).among([0, 1, 2]) == [2])
    }
}
