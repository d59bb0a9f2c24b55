import CKernels

/// In which way the kernels compute here. The same inputs give the same bits under one arithmetic, close ones under
/// another.
package enum Arithmetic {
    /// The calling thread's: "x86-64 fma" (AVX2 and AVX-512, which give the same bits), "x86-64 portable", "aarch64
    /// portable" or "portable".
    package static var inUse: String { String(cString: ck_arithmetic()) }

    /// What the calling thread's kernels are made of: "AVX-512", "AVX2 and FMA" or "portable C".
    package static var instructions: String {
        switch ck_instructions() {
        case CK_AVX512_FMA: "AVX-512"
        case CK_AVX2_FMA: "AVX2 and FMA"
        default: "portable C"
        }
    }

    /// Whether the calling thread's kernels are the vector ones.
    package static var isFast: Bool { ck_instructions() != CK_PORTABLE }

    /// Runs `body` with the portable kernels on the calling thread, whatever the processor has. For tests.
    package static func withPortable<R>(_ isPortable: Bool = true, _ body: () throws -> R) rethrows -> R {
        ck_limit_instructions(isPortable ? CK_PORTABLE : CK_AVX512_FMA)
        defer { ck_limit_instructions(CK_AVX512_FMA) }
        return try body()
    }
}
