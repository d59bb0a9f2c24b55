import Diagnostics
import Fingerprinting
import Kernels
import Store

/// Everything vectors can be copied from: spools of this and earlier runs, and collections already in the store.
final class VectorSources {
    enum Source {
        case spool(VectorSpool)
        /// A stored collection, its layer files in the order of the run's layers.
        case stored([LayerRecord])
    }

    /// One vector wanted: where it is, and the row it goes to.
    struct Request {
        let location: VectorLocation
        let row: UInt32
    }

    private let store: Store
    private let shape: VectorShape
    private var sources: [Source] = []

    init(store: Store, shape: VectorShape) {
        self.store = store
        self.shape = shape
    }

    /// The number of the new source, or nil when no more can be told apart.
    func add(_ source: Source) -> Int? {
        guard sources.count < VectorLocation.sourceLimit else { return nil }
        sources.append(source)
        return sources.count - 1
    }

    /// Copies one layer's vectors of some rows into `codes`, [rows, C] elements.
    /// - Parameters:
    ///   - requests: sorted by location.
    ///   - layer: index into `shape.layers`.
    ///   - firstRow: the row at the beginning of `codes`.
    func gather(
        _ requests: [Request], layer: Int, firstRow: Int = 0, into codes: UnsafeMutableRawBufferPointer
    ) throws {
        let part = Part(codes: codes, firstRow: firstRow, vectorBytes: shape.vectorBytes)
        var start = 0
        while start < requests.count {
            let number = requests[start].location.source
            let end = requests[start...].firstIndex { $0.location.source != number } ?? requests.count
            switch sources[number] {
            case .spool(let spool): try gather(requests[start..<end], from: spool, layer: layer, into: part)
            case .stored(let layers): try gather(requests[start..<end], from: layers[layer], into: part)
            }
            start = end
        }
    }

    /// Unwanted vectors between two wanted ones that are read over rather than skipped.
    private static let readOver = 16
    /// Vectors read at a time.
    private static let spanVectors = 1024

    private func gather(
        _ requests: ArraySlice<Request>, from spool: VectorSpool, layer: Int, into part: Part
    ) throws {
        let size = shape.vectorBytes
        let span = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.spanVectors * size, alignment: 16)
        defer { span.deallocate() }
        var next = requests.startIndex
        while next < requests.endIndex {
            let first = requests[next].location
            var last = first.position
            var end = next + 1
            while end < requests.endIndex {
                let location = requests[end].location
                guard location.record == first.record, location.position - last <= Self.readOver,
                    location.position - first.position < Self.spanVectors
                else { break }
                last = location.position
                end += 1
            }
            try spool.read(
                record: first.record, layer: layer, positions: first.position..<(last + 1), into: span.baseAddress!)
            for request in requests[next..<end] {
                part.put(span.baseAddress! + (request.location.position - first.position) * size, request.row)
            }
            next = end
        }
    }

    private func gather(_ requests: ArraySlice<Request>, from record: LayerRecord, into target: Part) throws {
        let file = try store.vectors(record)
        let size = shape.vectorBytes
        let batch = 512
        let floats = FloatBuffer(count: batch * shape.dimension)
        let elements = UnsafeMutableRawPointer.allocate(byteCount: batch * size, alignment: 16)
        defer { withExtendedLifetime(floats) { elements.deallocate() } }
        // Half to half and single to single need no arithmetic: the codes are the elements.
        let sameElement = VectorElement(for: file.codec) == shape.element
        var next = requests.startIndex
        while next < requests.endIndex {
            let part = requests[next..<min(next + batch, requests.endIndex)]
            let rows = part.map { $0.location.row }
            if sameElement {
                try file.copyCodes(rows: rows, into: elements)
            } else {
                try file.decode(rows: rows, into: floats.pointer)
                shape.element.encode(floats.pointer, count: part.count * shape.dimension, into: elements)
            }
            for (position, request) in part.enumerated() {
                target.put(elements + position * size, request.row)
            }
            next = part.endIndex
        }
    }

    /// Consecutive rows that vectors are copied into.
    private struct Part {
        let codes: UnsafeMutableRawBufferPointer
        let firstRow: Int
        let vectorBytes: Int

        func put(_ vector: UnsafeRawPointer, _ row: UInt32) {
            let start = (Int(row) - firstRow) * vectorBytes
            precondition(start >= 0 && start + vectorBytes <= codes.count)
            (codes.baseAddress! + start).copyMemory(from: vector, byteCount: vectorBytes)
        }
    }
}

/// Where the vectors of a sequence are: nowhere yet, in a spool record, or in a row of a stored collection.
///
/// One 64-bit number, so that a million and a half of them are 12 MB and sorting them is sorting reads by place.
struct VectorLocation: Hashable, Comparable, Sendable {
    let packed: UInt64

    static let unknown = VectorLocation(packed: .max)
    /// Sources that can be told apart (the last number is part of `unknown`).
    static let sourceLimit = 0xFFFF
    private static let positionBits: UInt64 = 24
    private static let placeBits: UInt64 = 48

    private init(packed: UInt64) { self.packed = packed }

    /// - Parameters:
    ///   - source: number in `VectorSources`.
    ///   - row: row of a stored collection.
    init(source: Int, row: Int) {
        precondition(source < Self.sourceLimit && row < 1 << Self.placeBits)
        packed = UInt64(source) << Self.placeBits | UInt64(row)
    }

    init(source: Int, record: Int, position: Int) {
        precondition(record < 1 << 24 && position < 1 << Self.positionBits)
        self.init(source: source, row: record << Self.positionBits | position)
    }

    var source: Int { Int(packed >> Self.placeBits) }
    var row: Int { Int(packed & (1 << Self.placeBits - 1)) }
    var record: Int { row >> Self.positionBits }
    var position: Int { row & (1 << Self.positionBits - 1) }

    static func < (a: VectorLocation, b: VectorLocation) -> Bool { a.packed < b.packed }
}
