/// Bytes that are filled anew for every row and stay where they are until then.
final class CellBuffer {
    private var storage = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 4096)
    private(set) var count = 0

    deinit { storage.deallocate() }

    func removeAll() { count = 0 }

    func append(_ bytes: ArraySlice<UInt8>) {
        if count + bytes.count > storage.count {
            let grown = UnsafeMutableBufferPointer<UInt8>.allocate(
                capacity: max(storage.count * 2, count + bytes.count))
            _ = grown.update(fromContentsOf: storage[..<count])
            storage.deallocate()
            storage = grown
        }
        _ = storage[count...].update(fromContentsOf: bytes)
        count += bytes.count
    }

    /// Valid until the next `append`.
    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: storage[..<count]) }
}
