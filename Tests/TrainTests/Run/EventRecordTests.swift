import Foundation
import Testing

@testable import Train

@Suite struct EventRecordTests {
    /// RFC 3720 B.4's vectors.
    @Test func checksumsAreCastagnolis() {
        #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(CRC32C.of([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(CRC32C.of((0..<32).map { UInt8($0) }) == 0x46dd_794e)
        #expect(CRC32C.of(Array("123456789".utf8)) == 0xe306_9283)
    }

    /// Reads framing and fields back with code of its own.
    @Test func recordsDecode() throws {
        var bytes = EventRecord.header(wallSeconds: 1.5)
        bytes += EventRecord.scalars(
            [("train/loss", 2.25), ("validation/en-it/gain", -0.5)], step: 300, wallSeconds: 2.5)
        let events = try Self.decode(bytes)
        #expect(events.count == 2)
        #expect(events[0].wall == 1.5 && events[0].version == "brain.Event:2")
        #expect(events[1].wall == 2.5 && events[1].step == 300)
        #expect(events[1].scalars.map(\.tag) == ["train/loss", "validation/en-it/gain"])
        #expect(events[1].scalars.map(\.value) == [2.25, -0.5])
    }

    /// Every length a file can be cut to, and damage in the middle.
    @Test func wholeRecordsOfACutFile() {
        let header = EventRecord.header(wallSeconds: 1)
        let row = EventRecord.scalars([("train/loss", 2)], step: 1, wallSeconds: 2)
        let file = header + row
        for length in 0...file.count {
            let expected = length == file.count ? file.count : length >= header.count ? header.count : 0
            #expect(EventRecord.wholeRecords(Array(file.prefix(length))) == expected)
        }
        for at in file.indices {
            var damaged = file
            damaged[at] ^= 0x40
            #expect(EventRecord.wholeRecords(damaged) == (at < header.count ? 0 : header.count))
        }
    }

    struct Event {
        var wall = 0.0
        var step = 0
        var version = ""
        var scalars: [(tag: String, value: Float)] = []
    }

    static func decode(_ bytes: [UInt8]) throws -> [Event] {
        var events: [Event] = []
        var at = 0
        func number(_ position: Int, _ size: Int) -> UInt64 {
            (0..<size).reduce(0) { $0 | UInt64(bytes[position + $1]) << (8 * UInt64($1)) }
        }
        while at < bytes.count {
            let length = Int(number(at, 8))
            #expect(number(at + 8, 4) == UInt64(CRC32C.masked(Array(bytes[at..<(at + 8)]))))
            let message = Array(bytes[(at + 12)..<(at + 12 + length)])
            #expect(number(at + 12 + length, 4) == UInt64(CRC32C.masked(message)))
            var event = Event()
            for field in fields(message) {
                switch field.number {
                case 1: event.wall = Double(bitPattern: field.value)
                case 2: event.step = Int(field.value)
                case 3: event.version = String(decoding: field.bytes, as: UTF8.self)
                default:
                    for value in fields(field.bytes) {
                        let parts = fields(value.bytes)
                        event.scalars.append(
                            (String(decoding: parts[0].bytes, as: UTF8.self), Float(bitPattern: UInt32(parts[1].value)))
                        )
                    }
                }
            }
            events.append(event)
            at += 16 + length
        }
        return events
    }

    private static func fields(_ message: [UInt8]) -> [(number: Int, value: UInt64, bytes: [UInt8])] {
        var found: [(Int, UInt64, [UInt8])] = []
        var at = 0
        func varint() -> UInt64 {
            var value: UInt64 = 0, shift: UInt64 = 0
            repeat {
                value |= UInt64(message[at] & 0x7f) << shift
                shift += 7
                at += 1
            } while message[at - 1] & 0x80 != 0
            return value
        }
        func fixed(_ size: Int) -> UInt64 {
            defer { at += size }
            return (0..<size).reduce(0) { $0 | UInt64(message[at + $1]) << (8 * UInt64($1)) }
        }
        while at < message.count {
            let key = Int(varint())
            switch key & 7 {
            case 0: found.append((key >> 3, varint(), []))
            case 1: found.append((key >> 3, fixed(8), []))
            case 5: found.append((key >> 3, fixed(4), []))
            default:
                let length = Int(varint())
                found.append((key >> 3, 0, Array(message[at..<(at + length)])))
                at += length
            }
        }
        return found
    }
}
