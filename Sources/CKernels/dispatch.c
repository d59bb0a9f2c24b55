#include "dispatch.h"
#include "ckernels.h"

#include <stdatomic.h>

// Per thread, so that a test of the portable path leaves the others alone.
static _Thread_local enum ck_instructions limit = CK_AVX512_FMA;

static enum ck_instructions of_processor(void) {
#if CK_X86
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c"))
        return CK_PORTABLE;
    return __builtin_cpu_supports("avx512f") ? CK_AVX512_FMA : CK_AVX2_FMA;
#else
    return CK_PORTABLE;
#endif
}

enum ck_instructions ck_instructions(void) {
    static atomic_int known; // level + 1; a race writes the same value twice
    int level = atomic_load_explicit(&known, memory_order_relaxed) - 1;
    if (level < 0) {
        level = of_processor();
        atomic_store_explicit(&known, level + 1, memory_order_relaxed);
    }
    return level < (int)limit ? (enum ck_instructions)level : limit;
}

void ck_limit_instructions(enum ck_instructions most) { limit = most; }

int ck_use_avx2(void) { return ck_instructions() >= CK_AVX2_FMA; }
int ck_use_avx512(void) { return ck_instructions() >= CK_AVX512_FMA; }

const char *ck_arithmetic(void) {
#if CK_X86
    return ck_use_avx2() ? "x86-64 fma" : "x86-64 portable";
#elif defined(__aarch64__)
    return "aarch64 portable";
#else
    return "portable";
#endif
}
