// Tells ThreadSanitizer of Synchronization.Mutex. Its fast paths are compiled into our code and seen; taking a mutex
// that somebody holds, and waking who waits, are done in Swift's library, which is not instrumented, so that what the
// mutex orders would be reported as races. Loaded before the programs (LD_PRELOAD) by tools/sanitize.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define TRY_LOCK_SLOW "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

typedef SWIFT void (*lock_slow)(uint32_t thread, SELF);
typedef SWIFT void (*unlock_slow)(SELF);
typedef SWIFT bool (*try_lock_slow)(SELF);

static void (*acquire)(void *), (*release)(void *);
static lock_slow lock;
static unlock_slow unlock;
static try_lock_slow try_lock;

__attribute__((constructor)) static void find(void) {
    // Null in programs without ThreadSanitizer, which tests start, too.
    acquire = (void (*)(void *))dlsym(RTLD_DEFAULT, "__tsan_acquire");
    release = (void (*)(void *))dlsym(RTLD_DEFAULT, "__tsan_release");
    lock = (lock_slow)dlsym(RTLD_NEXT, LOCK_SLOW);
    unlock = (unlock_slow)dlsym(RTLD_NEXT, UNLOCK_SLOW);
    try_lock = (try_lock_slow)dlsym(RTLD_NEXT, TRY_LOCK_SLOW);
}

SWIFT void seen_lock(uint32_t thread, SELF) __asm__(LOCK_SLOW);
SWIFT void seen_unlock(SELF) __asm__(UNLOCK_SLOW);
SWIFT bool seen_try_lock(SELF) __asm__(TRY_LOCK_SLOW);

SWIFT void seen_lock(uint32_t thread, SELF) {
    lock(thread, self);
    if (acquire) acquire(self);
}

SWIFT void seen_unlock(SELF) {
    if (release) release(self);
    unlock(self);
}

SWIFT bool seen_try_lock(SELF) {
    bool taken = try_lock(self);
    if (taken && acquire) acquire(self);
    return taken;
}
