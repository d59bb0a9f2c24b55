import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Encoder

@Suite struct HubFolderTests {
    let folder = try! TemporaryFolder()

    @Test(
        "a name of the hub gets one line that says what to type",
        arguments: [
            "bert-base-multilingual-cased", "google-bert/bert-base-multilingual-cased",
            "intfloat/multilingual-e5-small",
        ])
    func names(_ name: String) throws {
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(folder: name) }
        #expect(error?.exitStatus == .missingInput)
        let text = error?.description ?? ""
        #expect(
            text.hasPrefix(name) && text.contains("Hugging Face hub") && text.contains("download \(name) --local-dir"))
        #expect(!text.contains("\n"))
        #expect(throws: CheckpointError.self) { try Checkpoint.sourceFolder(of: name) }
    }

    @Test(arguments: ["/nowhere/at/all", "./bert", "models/x/y", "../x", ""])
    func paths(_ path: String) throws { #expect(try HubFolder.resolved(path) == path) }

    /// The cache as the hub's own library lays it out: blobs, and links to them in a folder for each revision.
    private func cache(_ name: String, revisions: [String]) throws -> String {
        let root = folder.path + "/" + name, manager = FileManager.default
        try TinyCheckpoint().write(to: root + "/blobs")
        for revision in revisions {
            try manager.createDirectory(atPath: "\(root)/snapshots/\(revision)", withIntermediateDirectories: true)
            for file in try manager.contentsOfDirectory(atPath: root + "/blobs") {
                try manager.createSymbolicLink(
                    atPath: "\(root)/snapshots/\(revision)/\(file)", withDestinationPath: "../../blobs/\(file)")
            }
        }
        return root
    }

    @Test func aFolderOfTheCacheIsItsSnapshot() throws {
        let one = try cache("models--a--one", revisions: ["0f"])
        #expect(try Checkpoint(folder: one).folder == one + "/snapshots/0f")
        #expect(try Checkpoint(folder: one + "/").tokenizer().vocabularySize > 5)
        #expect(try Checkpoint.sourceFolder(of: one) == one + "/snapshots/0f")
        let two = try cache("models--a--two", revisions: ["0f", "1e"])
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(folder: two) }
        #expect(error?.description.contains("0f, 1e") == true && error?.exitStatus == .missingInput)
        try folder.write("models--a--two/refs/main", "1e\n")
        #expect(try HubFolder.resolved(two) == two + "/snapshots/1e")
        #expect(try Checkpoint(folder: two).fingerprint == Checkpoint(folder: one).fingerprint)
        let none = try cache("models--a--none", revisions: [])
        try FileManager.default.createDirectory(atPath: none + "/snapshots", withIntermediateDirectories: true)
        #expect(throws: CheckpointError.self) { try Checkpoint(folder: none) }
    }

    @Test func theCacheIsNamedWhereItHasTheModel() throws {
        let one = try cache("models--a--one", revisions: ["0f"])
        setenv("HF_HUB_CACHE", folder.path, 1)
        defer { unsetenv("HF_HUB_CACHE") }
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(folder: "a/one") }
        #expect(error?.description.contains(one) == true)
    }
}

/// Checkpoint files that are something else: each is named as what it is.
@Suite struct ForeignFilesTests {
    private static let pointer = """
        version https://git-lfs.github.com/spec/v1
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
        size 471

        """

    @Test(
        "git-lfs pointers and web pages",
        arguments: [
            "config.json", "vocab.txt", "tokenizer.json", "tokenizer_config.json", "model.safetensors",
            "model.safetensors.index.json",
            "pytorch_model.bin", "sentencepiece.bpe.model",
        ], [(pointer, "git lfs pull"), ("<!DOCTYPE html>\n<html>", "web page")])
    func foreign(_ name: String, _ contents: (String, String)) throws {
        let folder = try TemporaryFolder()
        try TinyCheckpoint().write(to: folder.path)
        if name.hasPrefix("pytorch") || name.contains("index") {
            try FileManager.default.removeItem(atPath: folder.path + "/model.safetensors")
        }
        if name.hasPrefix("sentencepiece") {
            try FileManager.default.removeItem(atPath: folder.path + "/tokenizer_config.json")
            try FileManager.default.removeItem(atPath: folder.path + "/vocab.txt")
        }
        try folder.write(name, contents.0)
        let error = #expect(throws: (any Error).self) { try Checkpoint(folder: folder.path).tokenizer() }
        let text = (error as? any Diagnosable)?.description ?? "\(String(describing: error))"
        #expect(text.contains("\(folder.path)/\(name): ") && text.contains(contents.1), "\(text)")
        #expect((error as? any Diagnosable)?.exitStatus == .badInput)
    }
}
