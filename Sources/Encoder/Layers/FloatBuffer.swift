/// 64-byte aligned float32 memory with one owner, that only grows.
///
/// `pointer` is valid while the buffer lives: hold a local buffer with `withExtendedLifetime`, Swift may otherwise free it
/// right after its last mention.
package final class FloatBuffer: @unchecked Sendable {
    package private(set) var pointer: UnsafeMutablePointer<Float>
    package private(set) var count: Int

    package init(count: Int = 0) {
        self.count = count
        pointer = Self.allocate(count)
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }

    /// Makes room for `count` floats; the contents are lost when the buffer grows.
    package func reserve(_ count: Int) {
        guard count > self.count else { return }
        UnsafeMutableRawPointer(pointer).deallocate()
        self.count = count
        pointer = Self.allocate(count)
    }

    /// Gives the memory back; the buffer is empty.
    package func release() {
        UnsafeMutableRawPointer(pointer).deallocate()
        count = 0
        pointer = Self.allocate(0)
    }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer.allocate(byteCount: max(count, 16) * 4, alignment: 64)
            .bindMemory(to: Float.self, capacity: max(count, 16))
    }
}
