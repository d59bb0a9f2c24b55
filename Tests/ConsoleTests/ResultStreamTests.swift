import Foundation
import Testing

@testable import Console

@Suite struct ResultStreamTests {
    @Test func aClosedReaderIsABrokenPipeNotASignal() throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        let stream = ResultStream(descriptor: ends[1], name: "pipe")
        try stream.write("small texts wait in the buffer")
        #expect(throws: ConsoleError.brokenPipe) { try stream.flush() }
        close(ends[1])
        // What was lost is not tried again, the closed descriptor is not touched.
        try stream.flush()
    }

    @Test func everythingArrivesInOrder() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let stream = ResultStream(descriptor: ends[1], name: "pipe")
        for number in 0..<2000 { try stream.write("\(number)\n") }
        try stream.write(["done": true])
        try stream.flush()
        close(ends[1])
        let read = try FileHandle(fileDescriptor: ends[0], closeOnDealloc: true).readToEnd() ?? Data()
        let lines = String(decoding: read, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 2001)
        #expect(lines[1999] == "1999")
        #expect(lines[2000] == "{\"done\":true}")
    }
}
