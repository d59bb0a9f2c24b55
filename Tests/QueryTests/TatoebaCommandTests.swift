import Foundation
import TestSupport
import Testing

@testable import Query
@testable import Store

@Suite struct TatoebaCommandTests {
    /// Three aligned sentences, and a fourth line that has a vector on the French side only. English asks.
    private func fixture() throws -> QueryFixture {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 3)
        try fixture.publish(
            "sentences/fra-eng/eng", ["one", "two", "three"],
            layers: [0: [[1, 0, 0], [0.9, 0.5, 0], [0, 0, 1]], 2: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]],
            checkpoint: checkpoint)
        try fixture.publish(
            "sentences/fra-eng/fra", ["un", "deux", "quatre", "trois"],
            layers: [
                0: [[1, 0.1, 0], [0.2, 1, 0], [0.5, 0.5, 0.5], [0, 0.1, 1]],
                2: [[1, 0, 0], [0, 1, 0], [0.1, 0.2, 0.9], [0, 0, 1]],
            ],
            ranks: [1, 2, 4, 3], checkpoint: checkpoint)
        return fixture
    }

    @Test func bothDirectionsByHand() throws {
        let fixture = try fixture()
        let command = try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder, "--json"])
        #expect(command.status == 0, "\(command.messages)")
        let rows = try command.rows
        #expect(rows.map { $0["layer"] as? Int } == [0, 2])
        #expect(rows.allSatisfy { $0["pair"] as? String == "fra-eng" && $0["sentences"] as? Int == 3 })
        #expect(rows.allSatisfy { $0["omitted"] as? Int == 1 })
        // Layer 0: English "two" is nearest to "un"; every French sentence finds its English one.
        #expect(rows[0]["accuracy"] as? Double == 2.0 / 3 && rows[0]["accuracy_reverse"] as? Double == 1)
        #expect(rows[1]["accuracy"] as? Double == 1 && rows[1]["accuracy_reverse"] as? Double == 1)
        let again = try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder, "--json"])
        #expect(again.output == command.output && again.messages.contains("all 2 results are from the store"))
    }

    @Test func tableMarksTheBestLayer() throws {
        let fixture = try fixture()
        let command = try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder])
        #expect(
            command.output == """
                tatoeba · mini · sentences · layer 2, the best of 2

                pair     sentences  accuracy  95 %           accuracy_reverse  omitted
                ───────  ─────────  ────────  ─────────────  ────────────────  ───────
                fra-eng          3    1.0000  0.4385–1.0000            1.0000        1

                mean over pairs, best layer marked

                layer  over  accuracy  95 % queries   95 % pairs  accuracy_reverse
                ─────  ────  ────────  ─────────────  ──────────  ────────────────  ─
                    0     1    0.6667  0.2077–0.9385  –                     1.0000
                    2     1    1.0000  0.4385–1.0000  –                     1.0000  ◀

                95 %: Wilson's interval; of means, from the pairs' or by bootstrap over pairs (10,000 samples)

                """)
    }

    @Test func halfASetAndUnknownSets() throws {
        let fixture = try fixture()
        try fixture.publish(
            "sentences/deu-eng/eng", ["one"], layers: [0: [[1, 0, 0]]],
            checkpoint: QueryFixture.checkpoint(hiddenSize: 3))
        let command = try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder, "--json"])
        #expect(command.messages.contains("skipped: mini: sentences/deu-eng: expected two languages, found 1 (eng)"))
        #expect(try command.rows.count == 2)
        let unknown = try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder, "--pairs", "fra-en"])
        #expect(unknown.status == 66 && unknown.messages.contains("no pair 'fra-en'; did you mean 'fra-eng'?"))
        let words = try QueryFixture.words()
        let none = try QueryProcess.run(["tatoeba", "--store", words.storeFolder])
        #expect(none.status == 66 && none.messages.contains("mini: no sentence sets are stored"))
    }
}
