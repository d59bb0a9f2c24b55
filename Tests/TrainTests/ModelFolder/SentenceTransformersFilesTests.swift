import Foundation
import TestSupport
import Testing

@testable import Encoder
@testable import Train

/// What is written for sentence-transformers, against what the library itself gives with such files
/// (tools/goldens/make-sentence-transformers-goldens).
@Suite struct SentenceTransformersFilesTests {
    private struct Golden: Decodable {
        let files: [String: String]
        let words: [String]
        let vectors: [[Float]]
    }

    private static let fixtures =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Fixtures"

    private let golden: Golden
    private let checkpoint: Checkpoint

    init() throws {
        golden = try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: URL(fileURLWithPath: Self.fixtures + "/sentence-transformers.json")))
        checkpoint = try Checkpoint(folder: "\(SmallRun.fixture)/model")
    }

    @Test func trainingAndInterpolatingWriteTheFilesTheLibraryWasTriedWith() throws {
        let small = try SmallRun()
        let outcome = try TrainProcess.run(small.arguments("run", validation: false, ["--max-steps", "1"]))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let mean = try TrainProcess.run(
            [
                "interpolate", "--model", checkpoint.folder, "--model", "\(small.folder.path)/run", "--out",
                "\(small.folder.path)/mean",
            ])
        #expect(mean.status == 0, "\(mean.errors)")
        #expect(golden.files.count == 4)
        for (name, text) in golden.files {
            #expect(try small.folder.read("run/\(name)") == text, "\(name)")
            #expect(try small.folder.read("mean/\(name)") == text, "\(name)")
        }
    }

    /// The vectors the library gives with them are the word vectors of Polylex.
    @Test func theVectorsAreTheLibrarys() throws {
        let tokenizer = try checkpoint.tokenizer()
        let sequences = try golden.words.map { word -> TokenSequence in
            var word = word
            let outcome = word.withUTF8 { SequenceBuilder.single(tokenizer, utf8: $0, maximumLength: 40) }
            guard case .sequence(let sequence, truncated: false) = outcome else { throw NoSequence() }
            return sequence
        }
        let encoder = ParallelEncoder(try checkpoint.engine(), threads: 1), C = encoder.dimension
        var vectors = [Float](repeating: .nan, count: sequences.count * C)
        encoder.encode(sequences, into: &vectors)
        #expect(golden.words.count > 20 && golden.vectors.count == golden.words.count)
        for (row, expected) in golden.vectors.enumerated() {
            let found = vectors[row * C..<(row + 1) * C]
            let difference = zip(found, expected).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
            let length = expected.map { $0 * $0 }.reduce(0, +).squareRoot()
            #expect(difference <= 1e-5 * length, "\(golden.words[row]): \(difference / length)")
        }
    }

    private struct NoSequence: Error {}

    @Test func aPoolerIsForbiddenOnlyWhereItIsMissing() throws {
        let tokens = try checkpoint.tokenizer().specialTokens
        #expect(checkpoint.lacksPooler)
        let with = SentenceTransformersFiles(checkpoint.configuration, tokens, lacksPooler: false)
        #expect(with.all.allSatisfy { !$0.text.contains("add_pooling_layer") })
    }

    @Test func aTokenizerWithoutSpecialTokensNeedsNoWeights() {
        let bare = SentenceTransformersFiles(
            checkpoint.configuration, SpecialTokens(template: SequenceTemplate(), padding: 0, unknown: 1),
            lacksPooler: true)
        #expect(bare.all.allSatisfy { !$0.name.contains("WordWeights") && !$0.text.contains("WordWeights") })
    }
}
