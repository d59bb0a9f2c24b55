import CZlib

/// The checksum of zip and gzip (ISO 3309), by zlib, which has it at memory speed.
package enum CRC32 {
    package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
    }
}
