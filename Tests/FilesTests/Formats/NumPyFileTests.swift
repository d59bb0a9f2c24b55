import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct NumPyFileTests {
    /// Against the format's text: magic, version 1.0, header length, a dictionary padded with spaces to 64, a line
    /// feed.
    @Test func theHeaderIsNumPys() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.npy"
        let file = try NumPyFile(path: path, rowShape: [2, 3])
        let rows: [Float] = (0..<12).map(Float.init)
        // Out of order, as threads finish.
        try rows[6...].withUnsafeBufferPointer { try file.write($0, atRow: 1) }
        try rows[..<6].withUnsafeBufferPointer { try file.write($0, atRow: 0) }
        #expect(!FileManager.default.fileExists(atPath: path))
        try file.finish(rows: 2)
        let bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        #expect(Array(bytes[..<8]) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0])
        let length = Int(bytes[8]) + Int(bytes[9]) << 8
        #expect((10 + length) % 64 == 0)
        let header = String(decoding: bytes[10..<(10 + length)], as: UTF8.self)
        #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 3), }"))
        #expect(header.hasSuffix(" \n"))
        let values = bytes[(10 + length)...].withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        #expect(values == rows)
    }

    @Test func anUnfinishedFileLeavesNothing() throws {
        let folder = try TemporaryFolder()
        do { _ = try NumPyFile(path: folder.path + "/a.npy", rowShape: [4]) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}
