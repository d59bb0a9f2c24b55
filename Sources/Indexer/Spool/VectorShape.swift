import Kernels
import Store

/// How vectors are kept on their way to a layer file.
enum VectorElement: Int, Sendable {
    case half = 2
    case single = 4

    /// The element type `Store.writeLayer` wants for a codec.
    init(for codec: Codec) { self = codec.elementBytes == Self.half.rawValue ? .half : .single }

    /// Converts `count` floats into this element.
    func encode(_ floats: UnsafePointer<Float>, count: Int, into output: UnsafeMutableRawPointer) {
        switch self {
        case .half:
            Conversion.narrow(floats, count: count, intoHalf: output.assumingMemoryBound(to: UInt16.self))
        case .single: output.copyMemory(from: floats, byteCount: count * 4)
        }
    }
}

/// What every vector of a run looks like: the layers kept, C, the element.
struct VectorShape: Hashable, Sendable {
    /// Ascending.
    let layers: [Int]
    /// C
    let dimension: Int
    let element: VectorElement

    /// Bytes of one vector.
    var vectorBytes: Int { dimension * element.rawValue }
    /// Bytes of one sequence's vectors at all layers.
    var sequenceBytes: Int { layers.count * vectorBytes }
}
