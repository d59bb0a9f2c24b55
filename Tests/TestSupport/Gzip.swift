import CZlib

/// One gzip member holding the bytes, by zlib itself.
package func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    let format = Int32(15 + 16), version = ZLIB_VERSION, size = Int32(MemoryLayout<z_stream>.size)
    guard deflateInit2_(&stream, 6, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY, version, size) == Z_OK else {
        throw TestSupportError(description: "zlib cannot compress")
    }
    defer { deflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
    var input = bytes
    let status = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(output.count)
            return deflate(&stream, Z_FINISH)
        }
    }
    guard status == Z_STREAM_END else { throw TestSupportError(description: "deflate gave \(status)") }
    return Array(output.prefix(Int(stream.total_out)))
}

package func gzip(_ text: String) throws -> [UInt8] { try gzip(Array(text.utf8)) }
