// Loaded before the C library (LD_PRELOAD): writes down, with its bytes, everything a program does to the files below
// one folder, so that tools/faults can lay out what a power cut after any of it would leave. tools/faults compiles it.
//
//   FAULTS_ROOT   the folder
//   FAULTS_TRACE  the file that is written: each time a line "operation\tpath\tother path\tinode\toffset\tcount",
//                 then the bytes
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char root[512];
static size_t root_length;
static int trace = -1;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("FAULTS_ROOT"), *file = getenv("FAULTS_TRACE");
    if (!folder || !file) return;
    root_length = (size_t)snprintf(root, sizeof root, "%s", folder);
    int opened = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    trace = fcntl(opened, F_DUPFD_CLOEXEC, 900);
    syscall(SYS_close, opened);
}

static void put(const void *bytes, size_t size) { syscall(SYS_write, trace, bytes, size); }

static void note(
    const char *what, const char *path, const char *other, ino_t inode, off_t at, const void *bytes, size_t size) {
    int saved = errno;
    if (trace < 0 || strncmp(path, root, root_length) != 0) return;
    char line[2400];
    int length = snprintf(
        line, sizeof line, "%s\t%s\t%s\t%lu\t%ld\t%zu\n", what, path + root_length, *other ? other + root_length : "",
        (unsigned long)inode, (long)at, size);
    pthread_mutex_lock(&mutex);
    put(line, (size_t)length);
    if (size) put(bytes, size);
    put("\n", 1);
    pthread_mutex_unlock(&mutex);
    errno = saved;
}

static void path_of(int descriptor, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, size - 1);
    path[length < 0 ? 0 : length] = 0;
}

static void whole_path(int folder, const char *path, char *whole, size_t size) {
    char place[1024] = "";
    if (path[0] == '/') snprintf(whole, size, "%s", path);
    else {
        if (folder == AT_FDCWD) { if (!getcwd(place, sizeof place)) place[0] = 0; }
        else path_of(folder, place, sizeof place);
        snprintf(whole, size, "%s/%s", place, path);
    }
}

static void on_descriptor(const char *what, int descriptor, off_t at, const void *bytes, size_t size) {
    char path[1024];
    struct stat status;
    if (trace < 0 || fstat(descriptor, &status) != 0) return;
    path_of(descriptor, path, sizeof path);
    // O_SYNC and O_DSYNC: what is written is on the disk when the call returns.
    int flags = fcntl(descriptor, F_GETFL);
    if (strcmp(what, "write") == 0 && flags & O_DSYNC) what = "durable write";
    note(what, path, "", status.st_ino, at, bytes, size);
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = dlsym(RTLD_NEXT, #name)

ssize_t write(int descriptor, const void *bytes, size_t size) {
    REAL(write);
    off_t at = trace >= 0 && descriptor > 2 ? lseek(descriptor, 0, SEEK_CUR) : 0;
    ssize_t count = real(descriptor, bytes, size);
    if (count > 0 && descriptor > 2) on_descriptor("write", descriptor, at, bytes, (size_t)count);
    return count;
}
#define PWRITE(name, offset_type) \
    ssize_t name(int descriptor, const void *bytes, size_t size, offset_type at) { \
        REAL(name); \
        ssize_t count = real(descriptor, bytes, size, at); \
        if (count > 0) on_descriptor("write", descriptor, at, bytes, (size_t)count); \
        return count; \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
static void parts_written(int descriptor, const struct iovec *parts, int number, off_t at, ssize_t count) {
    for (int i = 0; i < number && count > 0; i++) {
        size_t size = (size_t)count < parts[i].iov_len ? (size_t)count : parts[i].iov_len;
        on_descriptor("write", descriptor, at, parts[i].iov_base, size);
        at += (off_t)size;
        count -= (ssize_t)size;
    }
}
ssize_t pwritev(int descriptor, const struct iovec *parts, int number, off_t at) {
    REAL(pwritev);
    ssize_t count = real(descriptor, parts, number, at);
    parts_written(descriptor, parts, number, at, count);
    return count;
}
ssize_t writev(int descriptor, const struct iovec *parts, int number) {
    REAL(writev);
    off_t at = trace >= 0 && descriptor > 2 ? lseek(descriptor, 0, SEEK_CUR) : 0;
    ssize_t count = real(descriptor, parts, number);
    if (descriptor > 2) parts_written(descriptor, parts, number, at, count);
    return count;
}
#define ON_DESCRIPTOR(name, what, parameters, at, ...) \
    int name parameters { \
        REAL(name); \
        int status = real(__VA_ARGS__); \
        if (status == 0) on_descriptor(what, descriptor, at, "", 0); \
        return status; \
    }
ON_DESCRIPTOR(fsync, "sync", (int descriptor), 0, descriptor)
ON_DESCRIPTOR(fdatasync, "sync", (int descriptor), 0, descriptor)
ON_DESCRIPTOR(ftruncate, "truncate", (int descriptor, off_t size), size, descriptor, size)
ON_DESCRIPTOR(ftruncate64, "truncate", (int descriptor, off64_t size), size, descriptor, size)

#define ON_PATH(name, what, parameters, folder, path, other_folder, other, ...) \
    int name parameters { \
        REAL(name); \
        char one[2048], two[2048] = ""; \
        if (trace >= 0) whole_path(folder, path, one, sizeof one); \
        if (trace >= 0 && *(other)) whole_path(other_folder, other, two, sizeof two); \
        int status = real(__VA_ARGS__); \
        if (status == 0 && trace >= 0) note(what, one, two, 0, 0, "", 0); \
        return status; \
    }
ON_PATH(rename, "rename", (const char *from, const char *to), AT_FDCWD, from, AT_FDCWD, to, from, to)
ON_PATH(renameat, "rename", (int a, const char *from, int b, const char *to), a, from, b, to, a, from, b, to)
ON_PATH(mkdir, "mkdir", (const char *path, mode_t mode), AT_FDCWD, path, AT_FDCWD, "", path, mode)
ON_PATH(mkdirat, "mkdir", (int folder, const char *path, mode_t mode), folder, path, folder, "", folder, path, mode)
ON_PATH(unlink, "unlink", (const char *path), AT_FDCWD, path, AT_FDCWD, "", path)
ON_PATH(rmdir, "rmdir", (const char *path), AT_FDCWD, path, AT_FDCWD, "", path)
ON_PATH(unlinkat, flags & AT_REMOVEDIR ? "rmdir" : "unlink", (int folder, const char *path, int flags), folder, path,
    folder, "", folder, path, flags)

#define OPEN(name, folder, parameters, ...) \
    int name parameters { \
        REAL(name); \
        mode_t mode = 0; \
        if (flags & (O_CREAT | O_TMPFILE)) { \
            va_list more; \
            va_start(more, flags); \
            mode = va_arg(more, mode_t); \
            va_end(more); \
        } \
        char whole[2048] = ""; \
        int is_new = 0, size_lost = 0; \
        if (trace >= 0 && flags & (O_CREAT | O_TRUNC)) { \
            whole_path(folder, path, whole, sizeof whole); \
            is_new = flags & O_CREAT && faccessat(AT_FDCWD, whole, F_OK, 0) != 0; \
            size_lost = !is_new && flags & O_TRUNC; \
        } \
        int descriptor = real(__VA_ARGS__); \
        if (descriptor >= 0 && is_new) on_descriptor("create", descriptor, 0, "", 0); \
        if (descriptor >= 0 && size_lost) on_descriptor("truncate", descriptor, 0, "", 0); \
        return descriptor; \
    }
OPEN(open, AT_FDCWD, (const char *path, int flags, ...), path, flags, mode)
OPEN(open64, AT_FDCWD, (const char *path, int flags, ...), path, flags, mode)
OPEN(openat, folder, (int folder, const char *path, int flags, ...), folder, path, flags, mode)
OPEN(openat64, folder, (int folder, const char *path, int flags, ...), folder, path, flags, mode)
