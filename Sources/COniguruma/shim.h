#include <oniguruma.h>

// What Swift cannot name itself: variables, macros, functions with variable arguments.

static inline int co_start(void) {
    OnigEncoding encoding = ONIG_ENCODING_UTF8;
    return onig_initialize(&encoding, 1);
}

// A program for UTF-8 in Oniguruma's own syntax. Returns ONIG_NORMAL, or an error code and its text in `message`, which
// has room for ONIG_MAX_ERROR_MESSAGE_LEN bytes and a NUL.
static inline int co_new(
    OnigRegex *program, const unsigned char *pattern, const unsigned char *end, unsigned char *message) {
    OnigErrorInfo info;
    int status = onig_new(program, pattern, end, ONIG_OPTION_NONE, ONIG_ENCODING_UTF8, ONIG_SYNTAX_DEFAULT, &info);
    if (status != ONIG_NORMAL) message[onig_error_code_to_str(message, status, &info)] = 0;
    return status;
}
