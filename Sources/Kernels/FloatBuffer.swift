/// 64-byte aligned float32 memory with one owner, that only grows: what every kernel reads and writes.
///
/// `pointer` is valid while the buffer lives: hold a local buffer with `withExtendedLifetime`, Swift may otherwise free
/// it right after its last mention.
///
/// Unchecked Sendable: who shares a buffer between threads sees to it that each writes places of its own.
package final class FloatBuffer: @unchecked Sendable {
    package private(set) var pointer: UnsafeMutablePointer<Float>
    package private(set) var count: Int

    package init(count: Int = 0) {
        self.count = count
        pointer = Self.allocate(count)
    }

    package convenience init(zeros count: Int) {
        self.init(count: count)
        pointer.update(repeating: 0, count: count)
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
        let (bytes, overflow) = max(count, 16).multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
        precondition(!overflow && count >= 0, "\(count) floats")
        return UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            .bindMemory(to: Float.self, capacity: max(count, 16))
    }
}
