import Diagnostics
import Files
import Foundation
import Testing

@testable import Encoder

/// Checkpoint folders from somebody else: pipes, devices, links, and files larger than any real one.
@Suite struct StrangersCheckpointTests {
    private static let manager = FileManager.default

    private static func copy(_ name: String = "tiny-bert") throws -> String {
        let folder = try Fixtures.temporaryFolder() + "/model"
        try manager.copyItem(atPath: "\(Fixtures.folder)/\(name)", toPath: folder)
        for (file, text) in [("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n"), ("tokenizer_config.json", "{}")]
        {
            try text.write(toFile: "\(folder)/\(file)", atomically: false, encoding: .utf8)
        }
        return folder
    }

    /// Without a check, opening waits for a writer and this test does not end.
    @Test(arguments: ["config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt", "training.json"])
    func pipesAndDevicesAreRefusedAtOnce(name: String) throws {
        let folder = try Self.copy(), path = "\(folder)/\(name)"
        try? Self.manager.removeItem(atPath: path)
        #expect(mkfifo(path, 0o600) == 0)
        func read() throws {
            let checkpoint = try Checkpoint(folder: folder)
            _ = try checkpoint.training()
            _ = try TokenizerFolder.load(folder)
        }
        func expectRefusal() {
            do {
                try read()
                Issue.record("expected an error")
            } catch {
                #expect((error as? any Diagnosable)?.exitStatus == .badInput, "\(error)")
            }
        }
        expectRefusal()
        for device in ["/dev/zero", "/dev/urandom"] {
            try Self.manager.removeItem(atPath: path)
            try Self.manager.createSymbolicLink(atPath: path, withDestinationPath: device)
            expectRefusal()
        }
    }

    @Test func aConfigurationLargerThanAnyRealOneIsRefused() throws {
        let folder = try Self.copy()
        let text = try String(contentsOfFile: folder + "/config.json", encoding: .utf8)
        let padding = String(repeating: " ", count: 4 << 20)
        try (text + padding).write(toFile: folder + "/config.json", atomically: false, encoding: .utf8)
        #expect(throws: FileError.self) { try Checkpoint(folder: folder) }
        try (text + padding.dropFirst(text.utf8.count)).write(
            toFile: folder + "/config.json", atomically: false, encoding: .utf8)
        _ = try Checkpoint(folder: folder)
    }

    @Test func aHeaderLargerThanAnyRealOneIsRefused() throws {
        let path = try Fixtures.temporaryFolder() + "/model.safetensors"
        func write(headerBytes: Int) throws {
            var bytes = withUnsafeBytes(of: UInt64(headerBytes).littleEndian) { Data($0) }
            bytes += Data("{}".utf8) + Data(repeating: 0x20, count: headerBytes - 2)
            try bytes.write(to: URL(fileURLWithPath: path))
        }
        try write(headerBytes: 32 << 20)
        #expect(try SafetensorsFile(path: path).entries.isEmpty)
        try write(headerBytes: (32 << 20) + 1)
        let error = #expect(throws: CheckpointError.self) { try SafetensorsFile(path: path) }
        #expect(error?.description.contains("at most 33554432") == true)
    }

    // MARK: Links

    /// What would be copied into the trained checkpoint must be the folder's own, and that is known before training.
    @Test(arguments: ["special_tokens_map.json", "added_tokens.json", "sentencepiece.bpe.model"])
    func aLinkToAPrivateFileIsNotCopied(name: String) throws {
        let folder = try Self.copy(), secret = (folder as NSString).deletingLastPathComponent + "/secret"
        try Data("[]".utf8).write(to: URL(fileURLWithPath: secret))
        try? Self.manager.removeItem(atPath: "\(folder)/\(name)")
        let checkpoint = try Checkpoint(folder: folder)
        let model = try TrainableTransformer(checkpoint, method: .full, threads: 1)
        for target in [secret, "../secret"] {
            try Self.manager.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: target)
            let error = #expect(throws: CheckpointError.self) {
                try TrainableTransformer(checkpoint, method: .full, threads: 1)
            }
            #expect(error?.description.contains("a link to") == true)
            let out = try Fixtures.temporaryFolder() + "/out"
            #expect(throws: CheckpointError.self) { try model.writeCheckpoint(to: out, extraFiles: [:]) }
            #expect(!Self.manager.fileExists(atPath: out))
            // Adapters copy nothing.
            _ = try TrainableTransformer(checkpoint, method: .adapter(reduction: 2, seed: 1), threads: 1)
            try Self.manager.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    @Test func aLinkForTheTrainingRecordIsNotReadIntoAStore() throws {
        let folder = try Self.copy(), secret = (folder as NSString).deletingLastPathComponent + "/secret"
        try Data("secret".utf8).write(to: URL(fileURLWithPath: secret))
        try Self.manager.createSymbolicLink(atPath: folder + "/training.json", withDestinationPath: "../secret")
        #expect(throws: CheckpointError.self) { try Checkpoint(folder: folder).training() }
    }

    @Test func linksInsideTheFolderAreCopied() throws {
        let folder = try Self.copy()
        try Self.manager.moveItem(atPath: folder + "/vocab.txt", toPath: folder + "/words")
        try Self.manager.createSymbolicLink(atPath: folder + "/vocab.txt", withDestinationPath: "words")
        try Self.expectCopied("vocab.txt", of: folder)
    }

    /// Hugging Face's cache: `models--NAME/snapshots/REVISION/FILE` leads to `../../blobs/HASH`.
    @Test func snapshotsOfTheHubCacheAreCopied() throws {
        let source = try Self.copy(), home = try Fixtures.temporaryFolder() + "/models--tiny--bert"
        let folder = home + "/snapshots/0123abcd"
        for name in [folder, home + "/blobs"] {
            try Self.manager.createDirectory(atPath: name, withIntermediateDirectories: true)
        }
        for (number, name) in try Self.manager.contentsOfDirectory(atPath: source).enumerated() {
            try Self.manager.moveItem(atPath: "\(source)/\(name)", toPath: "\(home)/blobs/\(number)")
            try Self.manager.createSymbolicLink(
                atPath: "\(folder)/\(name)", withDestinationPath: "../../blobs/\(number)")
        }
        try Self.expectCopied("vocab.txt", of: folder)
        // Out of the model's folder there is no way, not even to another model's.
        try Self.manager.createSymbolicLink(
            atPath: folder + "/added_tokens.json", withDestinationPath: "../../../models--other/blobs/0")
        let other = (home as NSString).deletingLastPathComponent + "/models--other/blobs"
        try Self.manager.createDirectory(atPath: other, withIntermediateDirectories: true)
        try Data("{}".utf8).write(to: URL(fileURLWithPath: other + "/0"))
        #expect(throws: CheckpointError.self) {
            try TrainableTransformer(Checkpoint(folder: folder), method: .full, threads: 1)
        }
    }

    private static func expectCopied(_ name: String, of folder: String) throws {
        let model = try TrainableTransformer(Checkpoint(folder: folder), method: .full, threads: 1)
        let out = try Fixtures.temporaryFolder() + "/out"
        try model.writeCheckpoint(to: out, extraFiles: [:])
        #expect(manager.contents(atPath: "\(out)/\(name)") == manager.contents(atPath: "\(folder)/\(name)"))
        #expect(try manager.attributesOfItem(atPath: "\(out)/\(name)")[.type] as? FileAttributeType == .typeRegular)
    }
}
