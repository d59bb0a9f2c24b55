// What the files of this module share.
#ifndef PROCESS_H
#define PROCESS_H

enum {
    STATUS_INPUT_OUTPUT = 74,
    STATUS_TRY_AGAIN = 75,
};

/// Writes "program: " and two texts to standard error at once; safe in signal handlers.
void process_say(const char *text, const char *more);

/// Takes SIGBUS over, after the libraries have begun: Swift's runtime takes it too, for its backtraces.
void watch_lost_pages(void);

#endif
