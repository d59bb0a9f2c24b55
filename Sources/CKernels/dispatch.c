#include "dispatch.h"
#include "ckernels.h"

#include <stdatomic.h>

enum { UNKNOWN, PORTABLE, AVX2, AVX512 };

// Per thread, so that a test of the portable path leaves the others alone.
static _Thread_local int forced_portable, forced_avx2;

static int find_level(void) {
#if CK_X86
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c")) return PORTABLE;
    return __builtin_cpu_supports("avx512f") ? AVX512 : AVX2;
#else
    return PORTABLE;
#endif
}

static int processor_level(void) {
    static atomic_int known; // a race writes the same value twice
    int level = atomic_load_explicit(&known, memory_order_relaxed);
    if (level == UNKNOWN) {
        level = find_level();
        atomic_store_explicit(&known, level, memory_order_relaxed);
    }
    return level;
}

int ck_use_avx2(void) { return processor_level() >= AVX2 && !forced_portable; }
int ck_use_avx512(void) { return processor_level() == AVX512 && !forced_portable && !forced_avx2; }

int ck_has_avx2(void) { return ck_use_avx2(); }
int ck_has_avx512(void) { return ck_use_avx512(); }

const char *ck_arithmetic(void) {
#if CK_X86
    return ck_use_avx2() ? "x86-64 fma" : "x86-64 portable";
#elif defined(__aarch64__)
    return "aarch64 portable";
#else
    return "portable";
#endif
}

void ck_force_portable(int on) { forced_portable = on; }
void ck_force_avx2(int on) { forced_avx2 = on; }
