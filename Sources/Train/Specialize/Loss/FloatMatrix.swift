/// Float memory the kernels accept (64-byte aligned), which grows and is kept between calls.
final class FloatMatrix {
    private(set) var pointer = FloatMatrix.allocate(16)
    private var capacity = 16

    /// Makes room for `count` values; what was there is lost when it grows.
    func reserve(_ count: Int) {
        guard count > capacity else { return }
        pointer.deallocate()
        pointer = Self.allocate(count)
        capacity = count
    }

    deinit { pointer.deallocate() }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
            .bindMemory(to: Float.self, capacity: count)
        memory.initialize(repeating: 0, count: count)
        return memory
    }
}
