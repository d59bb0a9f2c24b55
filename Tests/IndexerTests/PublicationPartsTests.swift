import Console
import Foundation
import Glibc
import Store
import Synchronization
import TestSupport
import Testing

@testable import Indexer

/// Layers that are written part by part, in parts so small that the smallest collection has many.
@Suite struct PublicationPartsTests {
    /// Of one vector of the fake model, in the wider element: a part is a row.
    private static let row = FakeModel.dimension * 4

    private let inputs = [
        Bench.words("en", (0..<40).map { "word\($0)" }), Bench.words("fi", (20..<60).reversed().map { "word\($0)" }),
    ]

    @Test(arguments: Codec.allCases) func partsAndWindowsOfAnySizeGiveTheSameFiles(codec: Codec) throws {
        let whole = try Bench()
        _ = try whole.build(FakeModel(), inputs, codec: codec)
        #expect(whole.layerFiles.count == 6)
        for (rows, window) in [(1, 1), (3, 7), (39, 40), (40, 41), (1_000, 3)] {
            let bench = try Bench()
            _ = try bench.build(
                FakeModel(), inputs, codec: codec,
                adjust: {
                    $0.partBytes = rows * Self.row
                    $0.windowSequences = window
                })
            #expect(bench.layerFiles == whole.layerFiles, "parts of \(rows) rows, windows of \(window)")
            // Checksums are those of the bytes in the files.
            #expect(try bench.store.verify().isEmpty)
        }
    }

    @Test(arguments: [Codec.fp16, .sq8]) func rowsThatWereThereAreTakenOverInParts(codec: Codec) throws {
        let longer = [Bench.words("en", ["new"] + (0..<40).map { "word\($0)" } + ["last"])]
        let whole = try Bench()
        _ = try whole.build(FakeModel(), longer, codec: codec)
        let bench = try Bench()
        _ = try bench.build(FakeModel(), [inputs[0]], codec: codec)
        let fake = FakeModel()
        _ = try bench.build(fake, longer, codec: codec, adjust: { $0.partBytes = 5 * Self.row })
        #expect(fake.encodedSequences.load(ordering: .relaxed) == (codec == .sq8 ? 42 : 2))
        for (name, contents) in whole.layerFiles { #expect(bench.layerFiles[name] == contents, "\(name)") }
    }

    /// Stops at every question there is, most of them between two parts.
    @Test func aBuildStoppedBetweenPartsHasPublishedNothingOfTheCollection() throws {
        let words = [Bench.words("en", (0..<9).map { "word\($0)" })]
        let undisturbed = try Bench()
        _ = try undisturbed.build(FakeModel(), words, codec: .fp16)
        var stops = 0
        while true {
            let bench = try Bench()
            let asked = Atomic<Int>(0)
            do {
                _ = try bench.build(
                    FakeModel(), words, codec: .fp16,
                    shouldStop: { [stops] in asked.wrappingAdd(1, ordering: .relaxed).oldValue >= stops },
                    adjust: { $0.partBytes = 1 })
                break
            } catch let error as ConsoleError {
                #expect(error.exitStatus == .tryAgain)
            }
            stops += 1
            #expect(try bench.store.checkpoints().isEmpty)
            #expect(try bench.store.verify().allSatisfy { $0.severity == .information })
            let files = try FileManager.default.subpathsOfDirectory(atPath: bench.folder.path + "/store")
            #expect(!files.contains { $0.hasSuffix(".partial") })
            _ = try bench.build(FakeModel(), words, codec: .fp16)
            #expect(bench.layerFiles == undisturbed.layerFiles, "stopped at question \(stops)")
        }
        // One for each of nine parts of three layers, at least.
        #expect(stops > 27, "\(stops)")
    }

    /// The spool's last vector is gone when the last part is read: the parts before it are no collection.
    @Test func aRowThatIsLostInALaterPartIsNotPublished() throws {
        // The shortest sequence is encoded last, and its layers stand at the end of its record.
        let words = (0..<20).map { "word\($0)" } + ["w"]
        let bench = try Bench()
        let store = bench.store
        let sizes = [7, 7, 7].map { SpoolRecord.headBytes(count: $0) + $0 * 3 * Self.row }
        let error = #expect(throws: IndexerError.self) {
            _ = try bench.build(
                FakeModel(), [Bench.words("en", words)], threads: 1,
                shouldStop: {
                    guard let work = try? WorkFolder.leftovers(store: store.root).first?.path else { return false }
                    for (name, contents) in TemporaryFolder.files(in: work, ending: ".spool")
                    where contents.count == sizes.reduce(0, +) {
                        truncate("\(work)/\(name)", contents.count - Self.row)
                        truncate("\(work)/\(name)", contents.count)
                    }
                    return false
                },
                adjust: { $0.partBytes = 4 * Self.row })
        }
        #expect(error == .vectorsLost(collection: "words/en", layer: 2, row: 20, rows: 21))
        #expect(try store.checkpoints().isEmpty)
        #expect(try store.collections(checkpoint: "fake").isEmpty)
        #expect(bench.layerFiles.keys.allSatisfy { !$0.contains("layer-02") })
        _ = try bench.build(FakeModel(), [Bench.words("en", words)])
        #expect(try store.verify().isEmpty)
    }

    @Test func aGraphThatMemoryCannotHoldIsRefusedBeforeAnythingIsEncoded() throws {
        let bench = try Bench()
        let fake = FakeModel()
        let needed = 40 * (2 * Self.row + 300)
        #expect(
            throws: IndexerError.notEnoughMemory(
                collection: "words/en", rows: 40, neededBytes: needed, limitBytes: needed - 1)
        ) {
            _ = try bench.build(fake, inputs, codec: .hnsw, adjust: { $0.memoryBytes = needed - 1 })
        }
        #expect(fake.encodedSequences.load(ordering: .relaxed) == 0)
        for codec in [Codec.fp16, .fp32, .sq8] {
            _ = try bench.build(fake, inputs, codec: codec, adjust: { $0.memoryBytes = 1 })
        }
        _ = try bench.build(fake, inputs, codec: .hnsw, adjust: { $0.memoryBytes = needed })
        #expect(MemorySpace.limit > 1 << 27)
    }
}
