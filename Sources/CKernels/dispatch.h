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

int ck_use_avx2(void);
/// Implies ck_use_avx2.
int ck_use_avx512(void);

#endif
