import Encoder
import Fingerprinting
import Testing

@testable import Indexer

@Suite struct SequencePoolTests {
    private func digest(_ number: Int) -> Fingerprint { Fingerprint(high: UInt64(number), low: UInt64(number % 3)) }

    @Test func equalSequencesHaveOnePlaceHoweverTheirDigestsCollide() {
        var pool = SequencePool()
        // Lower halves, by which the table is searched, are three; sequences are as many as make it grow twice.
        for number in 0..<150 {
            let ids = [Int32](repeating: Int32(number), count: 2 + number % 7)
            let sequence = TokenSequence(ids: ids, pooled: 0..<(1 + number % 2), pooling: .mean)
            #expect(pool.position(of: digest(number)) == nil)
            #expect(pool.insert(ids: ids[...], PooledPositions(sequence), digest: digest(number)) == number)
            #expect(pool.insert(ids: ids[...], PooledPositions(sequence), digest: digest(number)) == number)
        }
        #expect(pool.count == 150)
        #expect(pool.tokenCount == (0..<150).reduce(0) { $0 + 2 + $1 % 7 })
        for number in 0..<150 {
            #expect(pool.position(of: digest(number)) == number)
            #expect(pool.length(at: number) == 2 + number % 7)
            #expect(pool.digests[number] == digest(number))
            let sequence = pool.sequence(at: number)
            #expect(sequence.ids == [Int32](repeating: Int32(number), count: 2 + number % 7))
            #expect(sequence.pooled == 0..<(1 + number % 2))
        }
        #expect(pool.position(of: digest(150)) == nil)
    }

    /// Sequences that fill segments to the last id, and one that is longer than a segment.
    @Test func sequencesLieInSegments() {
        let lengths = [1 << 19, 1 << 19, 3, (1 << 20) + 5, 1, (1 << 20) - 1, 2]
        var pool = SequencePool()
        for (number, length) in lengths.enumerated() {
            let ids = [Int32](repeating: Int32(number), count: length)
            let sequence = TokenSequence(ids: ids, pooled: 0..<length, pooling: .maximum)
            #expect(pool.insert(ids: ids[...], PooledPositions(sequence), digest: digest(number)) == number)
        }
        for (number, length) in lengths.enumerated() {
            let sequence = pool.sequence(at: number)
            #expect(sequence.ids.count == length && sequence.pooled == 0..<length && sequence.pooling == .maximum)
            #expect(sequence.ids.first == Int32(number) && sequence.ids.last == Int32(number))
        }
        #expect(pool.tokenCount == lengths.reduce(0, +))
    }

    /// More texts than are tokenised before the first of them are merged.
    @Test func manyTextsAreTokenizedInTheirOrder() throws {
        let count = 8 * CollectionTokenizer.blockTexts + 100
        let words = (0..<count).map { $0 % 1_000 == 7 ? "" : "\($0)" }
        var pool = SequencePool()
        let plan = try CollectionTokenizer(FakeModel().model(), threads: 1).plan(
            Bench.words("en", words), missingLayers: [0], pool: &pool)
        #expect(plan.rows == count - plan.skipped["empty", default: 0])
        #expect(plan.skipped == ["empty": words.count { $0.isEmpty }])
        #expect(plan.rowTexts.map(Int.init) == words.indices.filter { !words[$0].isEmpty })
        #expect(plan.rowSequences.map(Int.init) == Array(0..<plan.rows))
        let last = pool.sequence(at: plan.rows - 1).ids
        #expect(last == [1] + ByteTokenizer().subwords("\(count - 1)") + [2])
    }
}
