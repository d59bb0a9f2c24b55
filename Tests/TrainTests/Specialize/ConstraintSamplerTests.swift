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

    /// The k-th number by position is the k-th in sequence.
    @Test func theCounterIsSplitMix64() {
        var sequential = SeededRandom(seed: CounterRandom(seed: 9, stream: 1).seed)
        let counter = CounterRandom(seed: 9, stream: 1)
        for position in 0..<10 { #expect(counter[UInt64(position)] == sequential.next()) }
    }
}
