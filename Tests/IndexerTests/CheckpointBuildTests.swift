import Console
import Diagnostics
import Encoder
import Fingerprinting
import Foundation
import Kernels
import Lexicon
import Synchronization
import TestSupport
import Testing

@testable import Indexer
@testable import Store

private func cosine(_ a: [Float], _ b: [Float]) -> Double {
    func dot(_ x: [Float], _ y: [Float]) -> Double { zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
    return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
}

@Suite struct CheckpointBuildTests {
    private let fi = Bench.words(
        "fi", ["talo", "Talo", "kissa", " ", "koira", "</s>", "moottoripyöräilijöille", "house"])
    private let en = Bench.words("en", ["house", "cat", "dog", "talo"])
    private let sets = Bench.sentences(["la maison", "le chat", "la maison"], ["house", "the cat", "the house"])

    @Test func everyRowHasItsVectorAtEveryLayer() throws {
        let bench = try Bench()
        let fake = FakeModel()
        let report = try bench.build(fake, [fi, en] + sets)

        let kept = ["talo", "Talo", "kissa", "koira", "moottoripyöräilijöille", "house"]
        let record = try bench.store.requireCollection("words/fi", checkpoint: "fake")
        #expect(record.rows == 6)
        #expect(record.skipped == ["empty": 1, "separator": 1])
        #expect(record.truncated == 1)
        let texts = try bench.store.texts(list: record.list)
        let entries = try (0..<6).map { try texts.entry(at: $0) }
        #expect(entries.map(\.text) == kept)
        #expect(entries.map(\.rank) == [1, 2, 3, 5, 7, 8])
        for layer in 0...2 {
            for (text, vector) in zip(kept, try bench.vectors("words/fi", layer: layer)) where text.utf8.count < 14 {
                #expect(abs(cosine(vector, fake.vector(text, layer: layer)) - 1) < 1e-6, "\(text) \(layer)")
                #expect(abs(cosine(vector, vector) - 1) < 1e-6)
            }
            for (text, vector) in zip(["house", "cat", "dog", "talo"], try bench.vectors("words/en", layer: layer)) {
                #expect(abs(cosine(vector, fake.vector(text, layer: layer)) - 1) < 1e-6, "\(text) \(layer)")
            }
            // Repeated sentences keep their rows.
            let french = try bench.vectors("sentences/fra-eng/fra", layer: layer)
            #expect(french.count == 3 && french[0] == french[2])
        }
        // talo/Talo are one sequence; en brings cat and dog; the sentence "house" was a word.
        let counts = report.collections.map { [$0.rows, $0.encoded, $0.shared, $0.reused] }
        #expect(counts == [[6, 5, 1, 0], [4, 2, 2, 0], [3, 2, 1, 0], [3, 2, 1, 0]])
        #expect(fake.encodedSequences.load(ordering: .relaxed) == 11)
        #expect(report.sequences == 11)
        #expect(try bench.store.verify().isEmpty)
        #expect(try WorkFolder.leftovers(store: bench.store.root).isEmpty)
    }

    @Test func finishedWorkIsNotEvenTokenised() throws {
        let bench = try Bench()
        _ = try bench.build(FakeModel(), [fi, en] + sets)
        let before = bench.layerFiles
        let again = FakeModel()
        let report = try bench.build(again, [fi, en] + sets)
        #expect(report.collections.map(\.upToDate) == [true, true, true, true])
        #expect(report.collections.map(\.rows) == [6, 4, 3, 3])
        #expect(again.tokenizersMade.load(ordering: .relaxed) == 0)
        #expect(again.encodersMade.load(ordering: .relaxed) == 0)
        #expect(bench.layerFiles == before)
    }

    @Test func aChangedVocabularyEncodesOnlyItsNewEntries() throws {
        let bench = try Bench()
        _ = try bench.build(FakeModel(), [fi, en])
        let changed = Bench.words("fi", ["uusi", "talo", "kissa", "koira", "cat", "house", "toinen"])
        let fake = FakeModel()
        let report = try bench.build(fake, [changed, en], worthwhile: 2)
        #expect(fake.encodedSequences.load(ordering: .relaxed) == 3)
        // "cat" is in words/en, but for one word its files are not worth checking.
        #expect(report.collections.map { [$0.rows, $0.encoded, $0.reused] } == [[7, 3, 4], [4, 0, 0]])
        #expect(report.collections[1].upToDate)

        let fresh = try Bench()
        _ = try fresh.build(FakeModel(), [changed, en])
        let name = try bench.store.requireLayer(1, collection: "words/fi", checkpoint: "fake").file
        #expect(bench.layerFiles["\(name)"] == fresh.layerFiles["\(name)"])
        #expect(bench.layerFiles["\(name)"] != nil)
        #expect(try bench.store.verify().filter { $0.severity == .damage }.isEmpty)
    }

    @Test func damagedFilesAreNotCopiedFrom() throws {
        let bench = try Bench()
        _ = try bench.build(FakeModel(), [fi])
        let record = try bench.store.requireLayer(2, collection: "words/fi", checkpoint: "fake")
        let path = bench.store.folder + "/" + record.file
        var bytes = try #require(FileManager.default.contents(atPath: path))
        bytes[bytes.count - 3] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let fake = FakeModel()
        _ = try bench.build(fake, [Bench.words("fi", ["talo", "kissa", "koira", "uusi"])])
        #expect(fake.encodedSequences.load(ordering: .relaxed) == 4)
    }

    @Test func aChangedCheckpointReusesNothing() throws {
        let bench = try Bench()
        _ = try bench.build(FakeModel(version: 1), [fi, en])
        let fake = FakeModel(version: 2)
        let report = try bench.build(fake, [fi])
        #expect(report.collections.map(\.reused) == [0])
        #expect(fake.encodedSequences.load(ordering: .relaxed) == 5)
        let vector = try bench.vectors("words/fi", layer: 0)[0]
        #expect(abs(cosine(vector, fake.vector("talo", layer: 0)) - 1) < 1e-6)
        #expect(try bench.store.snapshot(collection: "words/en", checkpoint: "fake").isStale)
        // Building the rest must not take the old vectors of words/en for its own.
        _ = try bench.build(fake, [fi, en])
        let english = try bench.vectors("words/en", layer: 1)[1]
        #expect(abs(cosine(english, fake.vector("cat", layer: 1)) - 1) < 1e-6)
        #expect(try !bench.store.snapshot(collection: "words/en", checkpoint: "fake").isStale)
    }

    @Test func otherLayersAndCodecsAreAddedToWhatIsThere() throws {
        let bench = try Bench()
        _ = try bench.build(FakeModel(), [en], layers: .some([1]), codec: .fp32)
        let more = FakeModel()
        _ = try bench.build(more, [en], layers: .some([0, 1]), codec: .fp32)
        #expect(more.encodedSequences.load(ordering: .relaxed) == 4)
        #expect(try bench.store.layers(checkpoint: "fake", collection: "words/en").map(\.layer) == [0, 1])
        // Single precision serves half precision; the other way round it must not.
        let half = FakeModel()
        _ = try bench.build(half, [en], layers: .some([0, 1]), codec: .fp16)
        #expect(half.encodedSequences.load(ordering: .relaxed) == 0)
        #expect(half.encodersMade.load(ordering: .relaxed) == 0)
        let single = FakeModel()
        _ = try bench.build(single, [en], layers: .some([0, 1]), codec: .fp32)
        #expect(single.encodedSequences.load(ordering: .relaxed) == 4)
        let fresh = try Bench()
        _ = try fresh.build(FakeModel(), [en], layers: .some([0, 1]), codec: .fp16)
        for (name, data) in fresh.layerFiles { #expect(bench.layerFiles[name] == data) }
    }

    /// What earlier versions published says neither arithmetic nor precision, and is not encoded again.
    @Test func aStoreFromBeforeArithmeticWasNotedIsCurrent() throws {
        let bench = try Bench()
        _ = try bench.build(FakeModel(), [en], layers: .some([0, 1]))
        let model = FakeModel().model().record
        let old = try bench.store.layers(checkpoint: "fake", collection: "words/en").map { record in
            var record = record
            (record.list, record.arithmetic, record.precision) = (nil, nil, nil)
            let builder = FingerprintBuilder()
            builder.combine("layer")
            builder.combine(1)
            builder.combine(model.fingerprint)
            builder.combine(en.fingerprint)
            builder.combine(record.layer)
            builder.combine("fp32")
            record.fingerprint = builder.finish()
            #expect(record.computation == .usual)
            return record
        }
        try bench.store.environment.write { transaction in
            for record in old {
                try transaction.put(
                    transaction.databases.layers,
                    CatalogueKey.layer(record.layer, of: "words/en", checkpoint: "fake"), RecordCoding.encode(record))
            }
        }
        let again = FakeModel()
        _ = try bench.build(again, [en], layers: .some([0, 1]))
        #expect(
            again.encodedSequences.load(ordering: .relaxed) == 0 && again.encodersMade.load(ordering: .relaxed) == 0)
        #expect(try bench.store.layers(checkpoint: "fake", collection: "words/en").map(\.arithmetic) == [nil, nil])
    }

    /// A machine without FMA: it leaves what is there, names its own arithmetic, and takes over no vector of the other
    /// kind.
    @Test func vectorsOfTwoArithmeticsNeverPassForOne() throws {
        let bench = try Bench()
        _ = try bench.build(FakeModel(), [en], layers: .some([0, 1]))
        let usual = Computation.here
        let before = LayerFingerprint.of(checkpoint: en.fingerprint, texts: en.fingerprint, layer: 1, codec: .fp16)
        try Arithmetic.withPortable {
            #expect(Computation.here.arithmetic.hasSuffix("portable"))
            // Where there is no FMA, nothing is forced.
            if Computation.here == usual { return }
            #expect(
                LayerFingerprint.of(checkpoint: en.fingerprint, texts: en.fingerprint, layer: 1, codec: .fp16) != before
            )
            let same = FakeModel()
            _ = try bench.build(same, [en], layers: .some([0, 1]))
            #expect(same.encodersMade.load(ordering: .relaxed) == 0)
            let more = Bench.words("en", (0..<en.texts.count).map { en.texts.string(at: $0) } + ["another"])
            let changed = FakeModel()
            _ = try bench.build(changed, [more], layers: .some([0, 1]))
            #expect(changed.encodedSequences.load(ordering: .relaxed) > en.texts.count)
            let records = try bench.store.layers(checkpoint: "fake", collection: "words/en")
            #expect(records.map(\.computation) == [.here, .here])
            #expect(Set(records.map(\.precision)) == ["float32"])
            #expect(try bench.store.verify().allSatisfy { $0.severity == .information })
        }
    }

    @Test(arguments: Codec.allCases)
    func everyCodecBuildsAndVerifies(codec: Codec) throws {
        let bench = try Bench()
        let words = (0..<60).map { "word\($0)" }
        _ = try bench.build(
            FakeModel(), [Bench.words("en", words), Bench.words("fi", Array(words.reversed()))], codec: codec)
        #expect(try bench.store.verify().isEmpty)
        let vectors = try bench.vectors("words/fi", layer: 2)
        for (row, text) in words.reversed().enumerated() {
            #expect(cosine(vectors[row], FakeModel().vector(text, layer: 2)) > 0.999, "\(text)")
        }
        #expect(try WorkFolder.leftovers(store: bench.store.root).isEmpty)
    }

    @Test func theNumberOfThreadsChangesNoByte() throws {
        let words = [Bench.words("en", (0..<100).map { "w\($0)" })]
        let one = try Bench()
        let many = try Bench()
        _ = try one.build(FakeModel(), words, codec: .fp16, threads: 1)
        _ = try many.build(FakeModel(), words, codec: .fp16, threads: 8)
        #expect(one.layerFiles == many.layerFiles)
        #expect(one.layerFiles.count == 3)
    }

    /// Stops after each possible number of batches; every resume must use all that was done.
    @Test func aStoppedBuildGoesOnWhereItWas() throws {
        let inputs = [
            Bench.words("en", (0..<40).map { "word\($0)" }), Bench.words("fi", (20..<60).map { "word\($0)" }),
        ]
        let undisturbed = try Bench()
        _ = try undisturbed.build(FakeModel(), inputs, codec: .fp16)
        for polls in 0..<60 {
            let bench = try Bench()
            let first = FakeModel()
            let asked = Atomic<Int>(0)
            do {
                _ = try bench.build(
                    first, inputs, codec: .fp16,
                    shouldStop: { asked.wrappingAdd(1, ordering: .relaxed).oldValue >= polls })
                // The build was shorter than the number of polls: nothing left to try.
                break
            } catch let error as ConsoleError {
                #expect(error.exitStatus == .tryAgain)
            }
            let second = FakeModel()
            _ = try bench.build(second, inputs, codec: .fp16)
            let total =
                first.encodedSequences.load(ordering: .relaxed) + second.encodedSequences.load(ordering: .relaxed)
            #expect(total == 60, "stopped after \(polls) polls")
            #expect(bench.layerFiles == undisturbed.layerFiles, "stopped after \(polls) polls")
            #expect(try WorkFolder.leftovers(store: bench.store.root).isEmpty)
        }
    }

    @Test func anInterruptedBuildServesAnotherPlan() throws {
        let bench = try Bench()
        let first = FakeModel()
        let asked = Atomic<Int>(0)
        #expect(throws: ConsoleError.self) {
            _ = try bench.build(
                first, [Bench.words("en", (0..<40).map { "word\($0)" })], threads: 1,
                shouldStop: { asked.wrappingAdd(1, ordering: .relaxed).oldValue >= 6 })
        }
        let done = first.encodedSequences.load(ordering: .relaxed)
        #expect(done > 0)
        // Longest first, so the words done are among word10 … word39.
        let second = FakeModel()
        _ = try bench.build(second, [Bench.words("de", (10..<45).map { "word\($0)" })])
        #expect(second.encodedSequences.load(ordering: .relaxed) == 35 - done)
    }

    @Test func aBadVectorIsNeverStored() throws {
        let bench = try Bench()
        #expect {
            _ = try bench.build(FakeModel(poisoned: "dog"), [en])
        } throws: { error in
            guard case IndexerError.badVector("fake", "/models/fake", "words/en", "dog", 1) = error else {
                return false
            }
            return (error as? any Diagnosable)?.exitStatus == .badInput
        }
        #expect(try bench.store.checkpoints().isEmpty)
        // The good part of it may be used again.
        let mended = FakeModel()
        _ = try bench.build(mended, [en])
        #expect(try bench.store.verify().isEmpty)
    }

    @Test func textsWithoutAnyTokenAreAnError() throws {
        let bench = try Bench()
        #expect(throws: IndexerError.nothingToEncode(collection: "words/xx", source: "/texts/xx.txt", texts: 2)) {
            _ = try bench.build(FakeModel(), [Bench.words("xx", [" ", "  "])])
        }
    }

    @Test func unknownLayersAreNamed() throws {
        let bench = try Bench()
        #expect(throws: IndexerError.unknownLayer(checkpoint: "fake", layer: 3, layerCount: 2)) {
            _ = try bench.build(FakeModel(), [en], layers: .some([0, 3]))
        }
    }

    /// Numbers of spools that no build gives, the largest there is among them, neither end nor stop a build.
    @Test func spoolsOfOddNumbersAreLeftAlone() throws {
        let bench = try Bench()
        let asked = Atomic<Int>(0)
        #expect(throws: ConsoleError.self) {
            _ = try bench.build(
                FakeModel(), [en, fi], shouldStop: { asked.wrappingAdd(1, ordering: .relaxed).oldValue >= 5 })
        }
        let work = try #require(try WorkFolder.leftovers(store: bench.store.root).first).path
        for name in ["spool-9223372036854775807", "spool--00001", "spool-1", "spool-99999x"] {
            #expect(FileManager.default.createFile(atPath: "\(work)/\(name).spool", contents: Data()))
        }
        #expect(FileManager.default.createFile(atPath: "\(work)/spool-999999.spool", contents: Data()))
        _ = try bench.build(FakeModel(), [en, fi])
        #expect(try bench.store.verify() == [])
        #expect(try WorkFolder.leftovers(store: bench.store.root).isEmpty)
    }

    /// Another host's builder cuts a spool in use, and its next write leaves zeros where vectors were: nothing is
    /// published.
    @Test func aCollectionWhoseVectorsAreGoneIsNotPublished() throws {
        let bench = try Bench()
        let store = bench.store
        let error = #expect(throws: IndexerError.self) {
            _ = try bench.build(FakeModel(), [en, fi]) {
                guard let work = try? WorkFolder.leftovers(store: store.root).first?.path else { return false }
                for (name, contents) in TemporaryFolder.files(in: work, ending: ".spool") where !contents.isEmpty {
                    truncate("\(work)/\(name)", 0)
                    truncate("\(work)/\(name)", contents.count)
                }
                return false
            }
        }
        guard case .vectorsLost = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try store.checkpoints().isEmpty)
        _ = try bench.build(FakeModel(), [en, fi])
        #expect(try store.verify().filter { $0.severity == .damage } == [])
    }

    @Test func workOfAnEarlierVersionGoes() throws {
        let bench = try Bench()
        let asked = Atomic<Int>(0)
        #expect(throws: ConsoleError.self) {
            _ = try bench.build(
                FakeModel(version: 1), [en, fi], shouldStop: { asked.wrappingAdd(1, ordering: .relaxed).oldValue >= 5 })
        }
        #expect(try WorkFolder.leftovers(store: bench.store.root).count == 1)
        _ = try bench.build(FakeModel(version: 2), [en])
        #expect(try WorkFolder.leftovers(store: bench.store.root).isEmpty)
    }
}
