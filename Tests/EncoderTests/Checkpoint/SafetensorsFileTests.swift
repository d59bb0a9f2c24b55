import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@testable import Encoder

@Suite struct SafetensorsFileTests {
    private func write(_ data: Data) throws -> String {
        let path = try Fixtures.temporaryFolder() + "/model.safetensors"
        try data.write(to: URL(fileURLWithPath: path))
        return path
    }

    private func file(header: String, body: Int = 16, announced: UInt64? = nil) throws -> String {
        var data = withUnsafeBytes(of: (announced ?? UInt64(header.utf8.count)).littleEndian) { Data($0) }
        data.append(contentsOf: header.utf8)
        data.append(Data(count: body))
        return try write(data)
    }

    @Test(arguments: [
        "", "[]", "{\"a\": 1}", "{\"a\": {\"dtype\": \"F32\"}}", "{\"a\"",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[8,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[-16,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-4],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[0,20]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,9223372036854775807]}}",
    ])
    func aHeaderThatLiesIsAnError(_ header: String) throws {
        #expect(throws: CheckpointError.self) { try SafetensorsFile(path: file(header: header)) }
    }

    @Test(arguments: [UInt64.max, 1 << 62, 100_000_001, 1000])
    func aGiganticHeaderLengthIsAnError(_ announced: UInt64) throws {
        #expect(throws: CheckpointError.self) { try SafetensorsFile(path: file(header: "{}", announced: announced)) }
    }

    @Test func aFileCutShortNamesTheTensor() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(Fixtures.folder)/tiny-bert/model.safetensors"))
        let path = try write(data.dropLast(4))
        #expect {
            try SafetensorsFile(path: path)
        } throws: { error in
            guard case .truncated(let file, let tensor, _, let found)? = error as? CheckpointError else { return false }
            return file == path && !tensor.isEmpty && found == data.count - 4
        }
        for length in [0, 1, 7, 8, 9, 100] {
            let short = try write(data.prefix(length))
            #expect(throws: CheckpointError.self) { try SafetensorsFile(path: short) }
        }
    }

    @Test func aFolderIsNotAFile() throws {
        let folder = try Fixtures.temporaryFolder()
        #expect(throws: FileError.self) { try SafetensorsFile(path: folder) }
    }

    /// Seeded damage anywhere in header or length: an error or a readable file, never a crash, and what reads stays
    /// inside the mapping.
    @Test func damagedHeadersNeverCrash() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(Fixtures.folder)/tiny-xlmr/model.safetensors"))
        let headerEnd = 8 + Int(data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        var generator = SeededGenerator(state: 2026)
        let folder = try Fixtures.temporaryFolder()
        for round in 0..<400 {
            var damaged = data
            for _ in 0...Int.random(in: 0..<4, using: &generator) {
                let at = Int.random(in: 0..<headerEnd, using: &generator)
                damaged[at] = round % 2 == 0 ? UInt8.random(in: 0...255, using: &generator) : UInt8(ascii: "9")
            }
            let path = "\(folder)/\(round).safetensors"
            try damaged.write(to: URL(fileURLWithPath: path))
            do {
                let file = try SafetensorsFile(path: path)
                for (_, entry) in file.entries { #expect(entry.range.upperBound <= damaged.count) }
            } catch is CheckpointError {}
            try FileManager.default.removeItem(atPath: path)
        }
    }
}
