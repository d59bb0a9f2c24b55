"""What a run says: messages, the progress line, and the errors that end an attempt, a file or the run."""

import errno
import os
import sys
import time

DAMAGED, USAGE, BAD_INPUT, MISSING_INPUT, INPUT_OUTPUT, TEMPORARY = 1, 64, 65, 66, 74, 75

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class FetchError(Exception):
    """Ends one file, or with `stop` the whole run."""

    def __init__(self, status, message, stop=False):
        super().__init__(message)
        self.status, self.stop = status, stop


class Retry(Exception):
    """A passing trouble: the attempt is worth repeating, after `wait` seconds if the server said so."""

    def __init__(self, message, wait=0):
        super().__init__(message)
        self.wait = wait


def quantity(count):
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def say(message):
    Progress.clear()
    print(f"fetch: {message}", file=sys.stderr, flush=True)


class Progress:
    """One line on a terminal, nothing elsewhere."""

    shown, last = False, 0.0

    @classmethod
    def show(cls, path, done, total):
        if sys.stderr.isatty() and time.monotonic() - cls.last > 0.2:
            cls.shown, cls.last = True, time.monotonic()
            share = f" of {quantity(total)}, {100 * done // max(total, 1)} %" if total else ""
            print(f"\r\x1b[K{path}: {quantity(done)}{share}", end="", file=sys.stderr, flush=True)

    @classmethod
    def clear(cls):
        if cls.shown:
            cls.shown = False
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def disk_trouble(error, path, advice="what has arrived stays; free space and run the same command again"):
    """-> FetchError for an OSError of writing `path`."""
    if error.errno in FULL:
        return FetchError(INPUT_OUTPUT, f"{path}: the disk is full ({os.strerror(error.errno)}); {advice}", stop=True)
    return FetchError(INPUT_OUTPUT, f"{path}: {error.strerror or error}", stop=True)
