import Testing

@testable import Train

@Suite struct ConstraintSamplerTests {
    /// 900 of en-it, 90 of de-fi, 10 of sw-th, interleaved.
    private static let pairs: [UInt32] = (0..<1000).map { $0 % 100 == 99 ? 2 : $0 % 10 == 9 ? 1 : 0 }
    private static let names = ["en-it", "de-fi", "sw-th"]

    private func sampler(_ method: SamplingMethod, alpha: Double = 0.5, seed: UInt64 = 3) -> ConstraintSampler {
        ConstraintSampler(
            method: method, pairNames: Self.names, pairOfConstraint: Self.pairs, alpha: alpha, seed: seed)
    }

    @Test func fileOrderIsTheFiles() {
        #expect(sampler(.file).constraints(epoch: 4, 0..<1000) == Array(0..<1000))
    }

    @Test func aShuffleIsAPermutationOfItsOwnInEveryEpoch() {
        let shuffle = sampler(.shuffle)
        let first = shuffle.constraints(epoch: 0, 0..<1000), second = shuffle.constraints(epoch: 1, 0..<1000)
        #expect(first.sorted() == Array(0..<1000) && second.sorted() == Array(0..<1000))
        #expect(first != second && first != Array(0..<1000))
        // Positions alone decide: asked again, in pieces and of another instance.
        #expect(sampler(.shuffle).constraints(epoch: 1, 500..<600) == Array(second[500..<600]))
        #expect(shuffle.constraints(epoch: 0, 0..<10) == Array(first[0..<10]))
        #expect(sampler(.shuffle, seed: 4).constraints(epoch: 0, 0..<1000) != first)
    }

    @Test func smoothedDrawsFollowTheSmoothedShares() {
        let sampler = sampler(.smoothed)
        #expect(sampler.pairs.map(\.count) == [900, 90, 10])
        let roots = [0.9, 0.09, 0.01].map { $0.squareRoot() }
        let expected = roots.map { $0 / roots.reduce(0, +) }
        for (pair, share) in zip(sampler.pairs, expected) { #expect(abs(pair.probability - share) < 1e-12) }
        var seen = [0.0, 0, 0]
        var rows = Set<Int>()
        for epoch in 0..<40 {
            for row in sampler.constraints(epoch: epoch, 0..<1000) {
                seen[Int(Self.pairs[row])] += 1
                rows.insert(row)
            }
        }
        // 40,000 draws: three standard deviations of the largest share are 0.0075.
        for (count, share) in zip(seen, expected) { #expect(abs(count / 40_000 - share) < 0.0075) }
        #expect(rows.count == 1000)
        let again = self.sampler(.smoothed).constraints(epoch: 7, 250..<260)
        #expect(again == Array(sampler.constraints(epoch: 7, 0..<1000)[250..<260]))
    }

    @Test func alphaOneKeepsTheSharesAndAlphaZeroMakesThemEqual() {
        for (share, pair) in zip([0.9, 0.09, 0.01], sampler(.smoothed, alpha: 1).pairs) {
            #expect(abs(pair.probability - share) < 1e-12)
        }
        for pair in sampler(.smoothed, alpha: 0).pairs { #expect(abs(pair.probability - 1.0 / 3) < 1e-12) }
    }

    // MARK: several pairs of a synset

    /// Synset 0 holds words 0 to 5, every pair of them; synset 1 words 6 and 7; synset 2 words 8 to 11 as two rows.
    private static let first: [UInt32] = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 6, 8, 10]
    private static let second: [UInt32] = [1, 2, 3, 4, 5, 2, 3, 4, 5, 3, 4, 5, 4, 5, 5, 7, 9, 11]
    private static let synsets: [UInt32] = Array(repeating: 0, count: 15) + [1, 2, 2]

    private func grouped(by count: Int, seed: UInt64 = 3) -> ConstraintSampler {
        ConstraintSampler(
            method: .smoothed, pairNames: ["en-it"], pairOfConstraint: Array(repeating: 0, count: Self.first.count),
            alpha: 0.5,
            seed: seed, pairsPerSynset: count,
            perSynset: PerSynsetSampler(first: Self.first, second: Self.second, synsets: Self.synsets, seed: seed))
    }

    @Test func pairsOfASynsetStandTogetherAndShareNoWord() {
        let sampler = grouped(by: 3)
        var sizes = Set<Int>()
        for epoch in 0..<50 {
            let rows = sampler.constraints(epoch: epoch, 0..<18)
            for start in stride(from: 0, to: 18, by: 3) {
                let synset = Self.synsets[rows[start]]
                // Synset 0 fills a group, 2 two of its places, 1 one; other places are draws of their own.
                let full = [3, 1, 2][Int(synset)]
                let together = Array(rows[start..<start + full])
                #expect(together.allSatisfy { Self.synsets[$0] == synset })
                let words = together.flatMap { [Self.first[$0], Self.second[$0]] }
                #expect(Set(words).count == 2 * full)
                sizes.insert(full)
            }
        }
        #expect(sizes == [1, 2, 3])
    }

    @Test func groupsAreAFunctionOfThePlaceAlone() {
        let sampler = grouped(by: 3)
        let rows = sampler.constraints(epoch: 2, 0..<18)
        #expect(grouped(by: 3).constraints(epoch: 2, 6..<12) == Array(rows[6..<12]))
        #expect(grouped(by: 3).constraints(epoch: 2, 7..<11) == Array(rows[7..<11]))
        #expect(sampler.constraints(epoch: 3, 0..<18) != rows)
        #expect(grouped(by: 3, seed: 4).constraints(epoch: 2, 0..<18) != rows)
        // One pair of a synset is what the sampler draws without groups.
        let plain = ConstraintSampler(
            method: .smoothed, pairNames: ["en-it"], pairOfConstraint: Array(repeating: 0, count: 18), alpha: 0.5,
            seed: 3)
        #expect(grouped(by: 1).constraints(epoch: 2, 0..<18) == plain.constraints(epoch: 2, 0..<18))
        // The first of a group is that draw too.
        #expect(stride(from: 0, to: 18, by: 3).allSatisfy { rows[$0] == plain.constraints(epoch: 2, 0..<18)[$0] })
    }

    /// The k-th number by position is the k-th in sequence.
    @Test func theCounterIsSplitMix64() {
        var sequential = SeededRandom(seed: CounterRandom(seed: 9, stream: 1).seed)
        let counter = CounterRandom(seed: 9, stream: 1)
        for position in 0..<10 { #expect(counter[UInt64(position)] == sequential.next()) }
    }
}
