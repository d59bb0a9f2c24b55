import CKernels

/// Other kinds of floating-point numbers into float32 and back; sources may lie at any alignment, little-endian.
package enum Conversion {
    /// IEEE half precision to float32, exact.
    package static func widen(half source: UnsafeRawPointer, count: Int, into output: UnsafeMutablePointer<Float>) {
        ck_half_to_float(source, output, count)
    }

    /// bfloat16 to float32, exact.
    package static func widen(bfloat16 source: UnsafeRawPointer, count: Int, into output: UnsafeMutablePointer<Float>) {
        ck_bfloat16_to_float(source, output, count)
    }

    /// float64 to float32, rounded to nearest even.
    package static func narrow(double source: UnsafeRawPointer, count: Int, into output: UnsafeMutablePointer<Float>) {
        ck_double_to_float(source, output, count)
    }

    /// float32 to IEEE half precision, rounded to nearest even; the same bits on every processor.
    package static func narrow(
        _ floats: UnsafePointer<Float>, count: Int, intoHalf output: UnsafeMutablePointer<UInt16>
    ) {
        ck_float_to_half(floats, output, count)
    }
}
