// A page of a mapped file that cannot be had: the file was cut short by somebody else, or its device failed. The system
// says so with SIGBUS; this turns it into a message and an exit status. Everything here may run inside a signal
// handler.

#define _GNU_SOURCE
#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

static struct sigaction inherited;

// The file a line of /proc/self/maps names, when its range holds the address; NULL otherwise. "start-end perms offset
// dev inode path"; the kernel writes line ends in names as \012.
static const char *file_at(char *line, uintptr_t address) {
    uintptr_t bounds[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        for (;; line++) {
            int digit = *line >= '0' && *line <= '9'   ? *line - '0'
                        : *line >= 'a' && *line <= 'f' ? *line - 'a' + 10
                                                       : -1;
            if (digit < 0) break;
            bounds[i] = bounds[i] << 4 | (uintptr_t)digit;
        }
        if (*line != (i == 0 ? '-' : ' ')) return NULL;
        line++;
    }
    if (address < bounds[0] || address >= bounds[1]) return NULL;
    char *path = strchr(line, '/');
    for (char *byte = path; byte && *byte; byte++)
        if ((unsigned char)*byte < 0x20 || *byte == 0x7F) *byte = '?';
    return path;
}

// Looks a mapping's file up; NULL when it is none (then the fault is of another kind) or /proc cannot be read.
static const char *mapped_file(uintptr_t address) {
    static char text[8192];
    int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (maps < 0) return NULL;
    size_t length = 0;
    const char *found = NULL;
    while (!found) {
        ssize_t count = read(maps, text + length, sizeof text - 1 - length);
        if (count <= 0) break;
        length += (size_t)count;
        text[length] = 0;
        char *line = text, *end;
        while (!found && (end = strchr(line, '\n'))) {
            *end = 0;
            found = file_at(line, address);
            line = end + 1;
        }
        if (found) break;
        length -= (size_t)(line - text);
        memmove(text, line, length);
    }
    close(maps);
    return found;
}

static void lost(int number, siginfo_t *information, void *context) {
    (void)context;
    const char *path = information->si_code == BUS_ADRERR ? mapped_file((uintptr_t)information->si_addr) : NULL;
    if (path) {
        process_say(
            path, ": cannot read: the file was cut short, or its device failed, while it was in use; "
            "put it back whole and run "
                  "the same command again\n");
        _exit(STATUS_INPUT_OUTPUT);
    }
    // Not ours: whoever was asked before (a backtrace, or the system) gets the fault when the instruction runs again.
    sigaction(number, &inherited, NULL);
}

void watch_lost_pages(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = lost;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGBUS, &action, &inherited);
}
