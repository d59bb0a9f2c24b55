// Which kernels run: AVX2 + FMA + F16C, with AVX-512 for the matrix product, or portable C. Internal to CKernels.
#ifndef CK_DISPATCH_H
#define CK_DISPATCH_H

#if defined(__x86_64__)
#define CK_X86 1
#include <immintrin.h>
#define CK_AVX2 __attribute__((target("avx2,fma,f16c")))
#define CK_AVX512 __attribute__((target("avx2,fma,f16c,avx512f")))
#else
#define CK_X86 0
#endif

/// Asked by CK_DISPATCH, and by loops that choose between tiles.
int ck_use_avx2(void);
/// Implies ck_use_avx2.
int ck_use_avx512(void);

#define CK_BODY static inline __attribute__((always_inline))

// The way a kernel comes in several forms: NAME_portable and NAME_avx2 have the same parameters, and NAME, defined
// here, calls the one for this processor.
#if CK_X86
#define CK_DISPATCH(name, parameters, arguments)                                                                       \
    void name parameters {                                                                                             \
        if (ck_use_avx2())                                                                                             \
            name##_avx2 arguments;                                                                                     \
        else                                                                                                           \
            name##_portable arguments;                                                                                 \
    }
// Both forms from one NAME_body: the vectoriser uses the wider registers for AVX2. Bodies whose sums stand in fixed
// lanes give the same bits in both (there is no contraction).
#define CK_DISPATCH_BODY(name, parameters, arguments)                                                                  \
    CK_AVX2 static void name##_avx2 parameters { name##_body arguments; }                                              \
    static void name##_portable parameters { name##_body arguments; }                                                  \
    CK_DISPATCH(name, parameters, arguments)
#else
#define CK_DISPATCH(name, parameters, arguments)                                                                       \
    void name parameters { name##_portable arguments; }
#define CK_DISPATCH_BODY(name, parameters, arguments)                                                                  \
    void name parameters { name##_body arguments; }
#endif

#endif
