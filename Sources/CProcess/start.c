// Runs before main and before the constructors of the shared libraries (ELF's DT_PREINIT_ARRAY): a library that opens a
// file, starts a thread or takes a second to be relocated finds the process as it should be.

#define _GNU_SOURCE
#include "cprocess.h"
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { usual_descriptors = 1024 };

static const char *program = "polylex";

static void append(char *line, size_t size, const char *text) {
    size_t length = strlen(line), more = strlen(text);
    if (more > size - 1 - length) more = size - 1 - length;
    memcpy(line + length, text, more);
    line[length + more] = 0;
}

void process_say(const char *text, const char *more) {
    // One write: lines of several threads and processes do not mix. Static, because a signal's stack may be small.
    static char line[8192];
    line[0] = 0;
    append(line, sizeof line, program);
    append(line, sizeof line, ": ");
    append(line, sizeof line, text);
    append(line, sizeof line, more);
    ssize_t ignored = write(STDERR_FILENO, line, strlen(line));
    (void)ignored;
}

// Descriptors 0 to 2 that the parent closed ("cmd >&- 2>&-", a daemon) would become those of the first files opened,
// and messages would be written into them. Such a parent wants to see nothing, so it is /dev/null that takes their
// place.
static void hold_standard_descriptors(void) {
    int opened;
    do {
        opened = open("/dev/null", O_RDWR);
        // Where there is no /dev: a folder, which can neither be read nor written.
        if (opened < 0) opened = open("/", O_RDONLY | O_DIRECTORY);
        if (opened < 0 && fcntl(STDERR_FILENO, F_GETFD) < 0) _exit(STATUS_INPUT_OUTPUT);
    } while (opened >= 0 && opened <= STDERR_FILENO);
    if (opened > STDERR_FILENO) close(opened);
}

// Far from every hard limit, which may be a billion; nobody here keeps more files open than a store has layers.
static void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= usual_descriptors) return;
    limit.rlim_cur = limit.rlim_max < usual_descriptors ? limit.rlim_max : usual_descriptors;
    setrlimit(RLIMIT_NOFILE, &limit);
}

long cp_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return CP_FEWEST_DESCRIPTORS;
    return limit.rlim_cur > usual_descriptors ? usual_descriptors : (long)limit.rlim_cur;
}

// Nothing has begun, or only what ends in a moment and leaves everything whole: the process may end where it stands.
static void stop(int number) {
    (void)number;
    process_say("stopped; run the same command again", "\n");
    _exit(STATUS_TRY_AGAIN);
}

static void take_stop_signals(void) {
    static const int numbers[] = {SIGINT, SIGTERM};
    sigset_t taken;
    sigemptyset(&taken);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction action, inherited;
        memset(&action, 0, sizeof action);
        action.sa_handler = stop;
        sigaddset(&taken, numbers[i]);
        // A shell that starts a job in the background has SIGINT ignored, and means it.
        if (sigaction(numbers[i], NULL, &inherited) == 0 && inherited.sa_handler == SIG_IGN) continue;
        sigaction(numbers[i], &action, NULL);
    }
    // A parent that starts us from one of its threads may have them blocked there, and does not mean it.
    sigprocmask(SIG_UNBLOCK, &taken, NULL);
}

// FAISS brings OpenBLAS, which is never asked to compute in parallel. Its constructor starts a thread for each
// processor all the same, and kills the process where one cannot start. The environment is read too late to be changed
// here; so while libraries begin there is one processor, and when they have begun there are all again.
static unsigned char processors[1024];
static int processor_bytes;

static void show_one_processor(void) {
    unsigned char one[sizeof processors] = {0};
    // The system call, unlike the C function, says how many bytes the kernel's mask has.
    long bytes = syscall(SYS_sched_getaffinity, 0, sizeof processors, processors);
    int current = sched_getcpu();
    if (bytes <= 0 || current < 0 || current >= bytes * 8) return;
    one[current / 8] = (unsigned char)(1 << current % 8);
    if (syscall(SYS_sched_setaffinity, 0, bytes, one) == 0) processor_bytes = (int)bytes;
}

// A program's own constructors run after those of every library it is linked with.
__attribute__((constructor)) static void libraries_have_begun(void) {
    if (processor_bytes > 0) syscall(SYS_sched_setaffinity, 0, (long)processor_bytes, processors);
    watch_lost_pages();
}

static void begin(int count, char **arguments, char **environment) {
    (void)environment;
    if (count > 0 && arguments[0]) {
        const char *slash = strrchr(arguments[0], '/');
        program = slash ? slash + 1 : arguments[0];
    }
    hold_standard_descriptors();
    take_stop_signals();
    raise_descriptor_limit();
    show_one_processor();
}

__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **) = begin;
