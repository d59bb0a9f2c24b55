#include "dispatch.h"
#include "ckernels.h"

#include <stdatomic.h>

// Per thread, so that a test of the portable path leaves the others alone.
static _Thread_local int forced_portable;

static int processor_has_avx2(void) {
#if CK_X86
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
#else
    return 0;
#endif
}

int ck_use_avx2(void) {
    static atomic_int known; // 0 unknown, 1 no, 2 yes; a race writes the same value twice
    int state = atomic_load_explicit(&known, memory_order_relaxed);
    if (state == 0) {
        state = processor_has_avx2() ? 2 : 1;
        atomic_store_explicit(&known, state, memory_order_relaxed);
    }
    return state == 2 && !forced_portable;
}

int ck_has_avx2(void) { return ck_use_avx2(); }

void ck_force_portable(int on) { forced_portable = on; }
