// Which kernels run: AVX2 + FMA + F16C or portable C. Internal to CKernels.
#ifndef CK_DISPATCH_H
#define CK_DISPATCH_H

#if defined(__x86_64__)
#define CK_X86 1
#include <immintrin.h>
#define CK_AVX2 __attribute__((target("avx2,fma,f16c")))
#else
#define CK_X86 0
#endif

int ck_use_avx2(void);

#endif
