import Foundation
import TestSupport
import Testing

@testable import Store

/// What `query` makes of stored results that are not, or no longer, to be trusted.
@Suite struct StoredResultTests {
    /// Results of before the mend, of an earlier policy or without a checksum, count nowhere.
    @Test func resultsNothingVouchesForAreLeftOut() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.tsv", "dog\tkoira\ncat\tkissa\nhouse\ttalo\n")
        let bli = ["bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder]
        _ = try QueryProcess.run(bli + ["--quiet"])
        var results = try fixture.store.results(task: nil, checkpoint: nil)
        for index in results.indices { results[index].provenance["policy"] = "bli 1: whatever it was" }
        try fixture.store.putUnchecked(results)
        for arguments in [["leaderboard"], ["report", "--out", fixture.folder + "/r.html"]] {
            let command = try QueryProcess.run(arguments + ["--store", fixture.storeFolder])
            #expect(command.status == 66)
            #expect(
                command.messages.contains("2 results computed by an earlier version are left out"),
                "\(command.messages)")
        }
        let translated = try QueryProcess.run(["translate", "dog", "--to", "fi", "--store", fixture.storeFolder])
        #expect(translated.output.contains("no evaluation of this checkpoint is stored"))
    }

    /// A result whose bytes have changed is said, and computed again.
    @Test func aDamagedResultIsComputedAgain() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.tsv", "dog\tkoira\ncat\tkissa\nhouse\ttalo\n")
        let bli = [
            "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--json", "--layers", "1",
        ]
        let first = try QueryProcess.run(bli)
        try fixture.store.environment.write { transaction in
            var values: [([UInt8], [UInt8])] = []
            try transaction.forEach(transaction.databases.results) { key, value in
                values.append(([UInt8](key), [UInt8](value)))
                return true
            }
            for (key, value) in values {
                let text = String(decoding: value, as: UTF8.self)
                #expect(text.contains(#""mrr":0.8333333333333334"#), "\(text)")
                try transaction.put(
                    transaction.databases.results, key,
                    Array(text.replacingOccurrences(of: #""mrr":0.8"#, with: #""mrr":0.9"#).utf8))
            }
        }
        let report = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder])
        #expect(report.status == 65 && report.messages.contains("this stored result is damaged"))
        let second = try QueryProcess.run(bli)
        #expect(second.status == 0 && second.output == first.output)
        #expect(second.messages.contains("it is computed again"), "\(second.messages)")
        let third = try QueryProcess.run(bli)
        #expect(third.output == first.output && third.messages.contains("from the store"))
    }
}
