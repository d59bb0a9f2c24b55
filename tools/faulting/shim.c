// Loaded before the C library (LD_PRELOAD): counts a program's file operations below one folder and lets the n-th of
// them fail, be cut short, or be the moment of a signal. tools/faults compiles it.
//
//   FAULTS_ROOT    the folder; operations elsewhere are let through and not counted
//   FAULTS_KINDS   which operations count: letters of w(rite) s(ync) n(ame) t(runcate) c(reate) m(ap) r(ead) o(pen)
//   FAULTS_AT      n, from 1; 0 counts only
//   FAULTS_DO      "fail", "short", or a signal's number, sent before the operation ("9") or after it ("9+")
//   FAULTS_ERRNO   of "fail"
//   FAULTS_LOG     a file that gets a line for each operation: number, kind, name, path
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum action { GO_ON, FAIL, SHORTEN };

static char root[512], kinds[32];
static size_t root_length;
static long target, signal_number, signal_is_late, shortens, error_number;
static int log_file = -1, ready;
static atomic_long counter;
static __thread long late_signal;

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("FAULTS_ROOT");
    if (!text) return;
    snprintf(root, sizeof root, "%s", text);
    root_length = strlen(root);
    snprintf(kinds, sizeof kinds, "%s", getenv("FAULTS_KINDS") ? getenv("FAULTS_KINDS") : "wsntcm");
    target = getenv("FAULTS_AT") ? atol(getenv("FAULTS_AT")) : 0;
    error_number = getenv("FAULTS_ERRNO") ? atol(getenv("FAULTS_ERRNO")) : ENOSPC;
    const char *what = getenv("FAULTS_DO") ? getenv("FAULTS_DO") : "fail";
    shortens = strcmp(what, "short") == 0;
    signal_number = atol(what);
    signal_is_late = strchr(what, '+') != NULL;
    if ((text = getenv("FAULTS_LOG"))) {
        // A high number: the program's own descriptors are those it has without us.
        int opened = (int)syscall(SYS_openat, AT_FDCWD, text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        log_file = fcntl(opened, F_DUPFD_CLOEXEC, 900);
        syscall(SYS_close, opened);
    }
    ready = 1;
}

static void path_of(int descriptor, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, size - 1);
    path[length < 0 ? 0 : length] = 0;
}

static enum action gate(char kind, const char *name, const char *path) {
    int saved = errno;
    if (strncmp(path, root, root_length) != 0 || !strchr(kinds, kind)) return GO_ON;
    long number = atomic_fetch_add(&counter, 1) + 1;
    if (log_file >= 0) {
        char line[1200];
        int length = snprintf(line, sizeof line, "%ld\t%c\t%s\t%s\n", number, kind, name, path + root_length);
        syscall(SYS_write, log_file, line, length < (int)sizeof line ? length : (int)sizeof line - 1);
    }
    errno = saved;
    if (number != target) return GO_ON;
    if (signal_number > 0) {
        if (signal_is_late) late_signal = signal_number;
        else syscall(SYS_kill, getpid(), (int)signal_number);
        errno = saved;
        return GO_ON;
    }
    if (shortens && kind == 'w') return SHORTEN;
    errno = (int)error_number;
    return FAIL;
}

static enum action gate_descriptor(char kind, const char *name, int descriptor) {
    char path[1024];
    if (!ready) return GO_ON;
    path_of(descriptor, path, sizeof path);
    return gate(kind, name, path);
}

static enum action gate_path(char kind, const char *name, int folder, const char *path) {
    char whole[2048], place[1024] = "";
    if (!ready) return GO_ON;
    if (path[0] == '/') return gate(kind, name, path);
    if (folder == AT_FDCWD) {
        if (!getcwd(place, sizeof place)) return GO_ON;
    } else {
        path_of(folder, place, sizeof place);
    }
    snprintf(whole, sizeof whole, "%s/%s", place, path);
    return gate(kind, name, whole);
}

static void after(void) {
    if (!late_signal) return;
    syscall(SYS_kill, getpid(), (int)late_signal);
    late_signal = 0;
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = dlsym(RTLD_NEXT, #name)
#define DO(type, call) \
    do { \
        type result = call; \
        int saved = errno; \
        after(); \
        errno = saved; \
        return result; \
    } while (0)

#define WRITE(name, parameters, whole, part, ...) \
    ssize_t name parameters { \
        REAL(name); \
        enum action action = descriptor > 2 ? gate_descriptor('w', #name, descriptor) : GO_ON; \
        if (action == FAIL) return -1; \
        if (action == SHORTEN) return real part; \
        DO(ssize_t, real whole); \
    }
#define HALF (size > 1 ? size / 2 : size)
#define FEWER (count > 1 ? count / 2 : count)
WRITE(write, (int descriptor, const void *bytes, size_t size), (descriptor, bytes, size), (descriptor, bytes, HALF))
WRITE(
    pwrite, (int descriptor, const void *bytes, size_t size, off_t at),
    (descriptor, bytes, size, at), (descriptor, bytes, HALF, at))
WRITE(
    pwrite64, (int descriptor, const void *bytes, size_t size, off64_t at),
    (descriptor, bytes, size, at), (descriptor, bytes, HALF, at))
WRITE(
    writev, (int descriptor, const struct iovec *parts, int count),
    (descriptor, parts, count), (descriptor, parts, FEWER))
WRITE(
    pwritev, (int descriptor, const struct iovec *parts, int count, off_t at),
    (descriptor, parts, count, at), (descriptor, parts, FEWER, at))

#define ON_DESCRIPTOR(kind, name, parameters, ...) \
    int name parameters { \
        REAL(name); \
        if (gate_descriptor(kind, #name, descriptor) != GO_ON) return -1; \
        DO(int, real(__VA_ARGS__)); \
    }
ON_DESCRIPTOR('s', fsync, (int descriptor), descriptor)
ON_DESCRIPTOR('s', fdatasync, (int descriptor), descriptor)
ON_DESCRIPTOR('t', ftruncate, (int descriptor, off_t size), descriptor, size)
ON_DESCRIPTOR('t', ftruncate64, (int descriptor, off64_t size), descriptor, size)

#define ON_PATH(name, parameters, folder, path, ...) \
    int name parameters { \
        REAL(name); \
        if (gate_path('n', #name, folder, path) != GO_ON) return -1; \
        DO(int, real(__VA_ARGS__)); \
    }
ON_PATH(rename, (const char *from, const char *to), AT_FDCWD, to, from, to)
ON_PATH(renameat, (int a, const char *from, int b, const char *to), b, to, a, from, b, to)
ON_PATH(mkdir, (const char *path, mode_t mode), AT_FDCWD, path, path, mode)
ON_PATH(mkdirat, (int folder, const char *path, mode_t mode), folder, path, folder, path, mode)
ON_PATH(unlink, (const char *path), AT_FDCWD, path, path)
ON_PATH(unlinkat, (int folder, const char *path, int flags), folder, path, folder, path, flags)
ON_PATH(rmdir, (const char *path), AT_FDCWD, path, path)

#define MAP(name, offset_type) \
    void *name(void *start, size_t size, int protection, int flags, int descriptor, offset_type at) { \
        REAL(name); \
        int is_file = descriptor >= 0 && !(flags & MAP_ANONYMOUS); \
        if (is_file && gate_descriptor('m', #name, descriptor) != GO_ON) return MAP_FAILED; \
        DO(void *, real(start, size, protection, flags, descriptor, at)); \
    }
MAP(mmap, off_t)
MAP(mmap64, off64_t)

#define MODE \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list more; \
        va_start(more, flags); \
        mode = va_arg(more, mode_t); \
        va_end(more); \
    }
#define OPEN(name, folder, parameters, ...) \
    int name parameters { \
        REAL(name); \
        MODE \
        if (gate_path(flags & O_CREAT ? 'c' : 'o', #name, folder, path) != GO_ON) return -1; \
        DO(int, real(__VA_ARGS__)); \
    }
OPEN(open, AT_FDCWD, (const char *path, int flags, ...), path, flags, mode)
OPEN(open64, AT_FDCWD, (const char *path, int flags, ...), path, flags, mode)
OPEN(openat, folder, (int folder, const char *path, int flags, ...), folder, path, flags, mode)
OPEN(openat64, folder, (int folder, const char *path, int flags, ...), folder, path, flags, mode)

#define READ(name, parameters, ...) \
    ssize_t name parameters { \
        REAL(name); \
        if (descriptor > 2 && gate_descriptor('r', #name, descriptor) != GO_ON) return -1; \
        DO(ssize_t, real(__VA_ARGS__)); \
    }
READ(read, (int descriptor, void *bytes, size_t size), descriptor, bytes, size)
READ(pread, (int descriptor, void *bytes, size_t size, off_t at), descriptor, bytes, size, at)
READ(pread64, (int descriptor, void *bytes, size_t size, off64_t at), descriptor, bytes, size, at)
