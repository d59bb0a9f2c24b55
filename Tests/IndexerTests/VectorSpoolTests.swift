import Files
import Fingerprinting
import Foundation
import TestSupport
import Testing

@testable import Indexer

@Suite struct VectorSpoolTests {
    private let shape = VectorShape(layers: [0, 3], dimension: 3, element: .half)

    private func name(_ path: String) -> String { (path as NSString).lastPathComponent }

    private func parent(_ path: String) throws -> ContainedFolder {
        try ContainedFolder((path as NSString).deletingLastPathComponent)
    }

    private func digest(_ number: Int) -> Fingerprint { Fingerprint(high: UInt64(number), low: 5) }

    /// Bytes of sequence `number` at a layer: 6, all different.
    private func vector(_ number: Int, layer: Int) -> [UInt8] {
        (0..<shape.vectorBytes).map { UInt8(truncatingIfNeeded: number * 31 + layer * 7 + $0) }
    }

    /// Appends a record of these sequences, in a buffer with room for two more.
    private func append(_ numbers: [Int], to spool: VectorSpool) throws {
        let capacity = numbers.count + 2
        var bytes = [UInt8](repeating: 0xEE, count: shape.sequenceBytes * capacity)
        for layer in 0..<2 {
            for (position, number) in numbers.enumerated() {
                let start = (layer * capacity + position) * shape.vectorBytes
                bytes.replaceSubrange(start..<(start + shape.vectorBytes), with: vector(number, layer: layer))
            }
        }
        _ = try bytes.withUnsafeBytes {
            try spool.append(digests: numbers.map(digest)[...], vectors: $0, capacity: capacity)
        }
    }

    private func recovered(_ path: String, _ shape: VectorShape) throws -> (
        numbers: [Int], spool: VectorSpool, cut: Int
    ) {
        var numbers: [Int] = []
        let spool = try VectorSpool.open(name(path), in: parent(path), shape: shape)
        let cut = try spool.recover { digest, _, _ in
            numbers.append(Int(digest.high))
        }
        return (numbers, spool, cut)
    }

    private func filled(_ folder: TemporaryFolder) throws -> String {
        let path = folder.path + "/a.spool"
        let spool = try VectorSpool.create(name(path), in: parent(path), shape: shape)
        try append([1, 2, 3], to: spool)
        try append([4], to: spool)
        try append([5, 6], to: spool)
        return path
    }

    @Test func whatIsAppendedIsRecoveredAndRead() throws {
        let folder = try TemporaryFolder()
        let (numbers, spool, cut) = try recovered(try filled(folder), shape)
        #expect(numbers == [1, 2, 3, 4, 5, 6])
        #expect(cut == 0)
        for (record, members) in [[1, 2, 3], [4], [5, 6]].enumerated() {
            for layer in 0..<2 {
                var bytes = [UInt8](repeating: 0, count: members.count * shape.vectorBytes)
                try bytes.withUnsafeMutableBytes {
                    try spool.read(record: record, layer: layer, positions: 0..<members.count, into: $0.baseAddress!)
                }
                #expect(bytes == members.flatMap { vector($0, layer: layer) })
            }
        }
        var one = [UInt8](repeating: 0, count: shape.vectorBytes)
        try one.withUnsafeMutableBytes { try spool.read(record: 0, layer: 1, positions: 2..<3, into: $0.baseAddress!) }
        #expect(one == vector(3, layer: 1))
    }

    /// Cut at every byte: whole records before the cut stay, the file ends there and can be appended to.
    @Test func aTornTailIsCut() throws {
        let folder = try TemporaryFolder()
        let whole = try #require(FileManager.default.contents(atPath: try filled(folder)))
        let record = { (count: Int) in SpoolRecord.headBytes(count: count) + count * shape.sequenceBytes }
        let ends = [record(3), record(3) + record(1), record(3) + record(1) + record(2)]
        #expect(whole.count == ends[2])
        let path = folder.path + "/torn.spool"
        for length in 0..<whole.count {
            try whole.prefix(length).write(to: URL(fileURLWithPath: path))
            let (numbers, spool, cut) = try recovered(path, shape)
            let complete = ends.filter { $0 <= length }.count
            #expect(numbers == Array([[], [1, 2, 3], [1, 2, 3, 4]][complete]), "cut at \(length)")
            #expect(cut == length - (complete == 0 ? 0 : ends[complete - 1]))
            try append([9], to: spool)
            #expect(try recovered(path, shape).numbers == numbers + [9])
        }
    }

    /// Any flipped bit ends the file before its record; nothing is ever believed that was not written.
    @Test func aFlippedBitEndsTheFile() throws {
        let folder = try TemporaryFolder()
        let whole = try #require(FileManager.default.contents(atPath: try filled(folder)))
        let path = folder.path + "/flipped.spool"
        for byte in whole.indices {
            var bytes = whole
            bytes[byte] ^= UInt8(1 << (byte % 8))
            try bytes.write(to: URL(fileURLWithPath: path))
            let numbers = try recovered(path, shape).numbers
            #expect([[], [1, 2, 3], [1, 2, 3, 4]].contains(numbers), "byte \(byte)")
        }
    }

    @Test func anotherShapeIsNotRead() throws {
        let folder = try TemporaryFolder()
        let path = try filled(folder)
        let size = try #require(FileManager.default.contents(atPath: path)).count
        let (numbers, _, cut) = try recovered(path, VectorShape(layers: [0, 3], dimension: 3, element: .single))
        #expect(numbers.isEmpty)
        #expect(cut == size)
    }

    @Test func threadsAppendWholeRecords() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/many.spool"
        let spool = try VectorSpool.create(name(path), in: parent(path), shape: shape)
        await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 { group.addTask { try append([number * 2, number * 2 + 1], to: spool) } }
        }
        #expect(try recovered(path, shape).numbers.sorted() == Array(0..<80))
    }
}
