"""Files that arrive in parts, survive a kill and are published whole."""

import hashlib
import json
import os

from .trouble import disk_trouble, quantity


def make_folder(path):
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise disk_trouble(error, path) from error


def write_whole(path, data, lasting=True):
    """Atomically: temporary file, fsync (unless a loss of power may take it), rename."""
    temporary = f"{path}.new"
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise disk_trouble(error, path) from error


def sync_folder(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest_of(path, algorithm="sha256"):
    """Hex digest; with "git" the id git gives the file's contents."""
    digest = hashlib.sha1(b"blob %d\0" % os.path.getsize(path)) if algorithm == "git" else hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


class Part:
    """What has arrived of a file: its bytes in NAME.part; in NAME.part.json, which version of the original they are."""

    def __init__(self, target, url):
        self.target, self.url, self.joined = target, url, False
        self.path, self.state_path = target + ".part", target + ".part.json"
        make_folder(os.path.dirname(target))
        try:
            with open(self.state_path, encoding="utf-8") as file:
                state = json.load(file)
        except (OSError, ValueError):
            state = {}
        known = isinstance(state, dict) and state.get("url") == url and isinstance(state.get("validator"), str)
        self.state = state if known else {}

    @property
    def size(self):
        try:
            return os.path.getsize(self.path)
        except OSError:
            return 0

    def save(self, **state):
        self.state = {"url": self.url, **state}
        write_whole(self.state_path, json.dumps(self.state).encode(), lasting=False)

    def cut(self, size):
        try:
            with open(self.path, "ab") as file:
                file.truncate(size)
        except OSError as error:
            raise disk_trouble(error, self.path) from error

    def discard(self):
        self.state, self.joined = {}, False
        for path in (self.path, self.state_path):
            if os.path.lexists(path):
                os.remove(path)

    def append(self, file, data):
        """Unbuffered, so that what is counted as arrived is in the file."""
        view = memoryview(data)
        try:
            while view:
                view = view[file.write(view) :]
        except OSError as error:
            advice = f"{quantity(self.size)} of it stay; free space and run the same command again"
            raise disk_trouble(error, self.path, advice) from error

    def open(self):
        try:
            return open(self.path, "ab", buffering=0)
        except OSError as error:
            raise disk_trouble(error, self.path) from error

    def publish(self):
        try:
            with open(self.path, "rb") as file:
                os.fsync(file.fileno())
            os.replace(self.path, self.target)
        except OSError as error:
            raise disk_trouble(error, self.target) from error
        self.discard()

    def set_aside(self):
        bad = self.target + ".bad"
        os.replace(self.path, bad)
        self.discard()
        return bad
