import Testing

@testable import Diagnostics

@Suite struct NearestNameTests {
    private func distance(_ a: String, _ b: String) -> Int { NearestName.editDistance(Array(a.utf8), Array(b.utf8)) }

    @Test func distancesAreThoseOfOptimalStringAlignment() {
        #expect(distance("kitten", "sitting") == 3)
        #expect(distance("", "abc") == 3 && distance("abc", "") == 3 && distance("abc", "abc") == 0)
        // Neighbours exchanged are one step, and no letter is moved twice.
        #expect(distance("--ot", "--to") == 1)
        #expect(distance("ca", "abc") == 3)
    }

    @Test func theNearestOfThoseNearEnough() {
        #expect(NearestName.of("minni", among: ["mbert", "mini"]) == "mini")
        #expect(NearestName.of("mbert", among: ["xlmr", "zzz"]) == nil)
        #expect(NearestName.of("ab", among: ["ac", "ad"]) == "ac")
        #expect(NearestName.of("ab", among: []) == nil)
    }
}
