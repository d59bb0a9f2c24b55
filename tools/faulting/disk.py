"""A folder as a disk would have it after a power cut: what was synced, and of the rest what the file system's rules
allow.

Rules: "strict" keeps a name only when its folder was synced and bytes only when their file was (all POSIX promises);
"ordered" keeps every name that came before some sync, as ext4 and XFS do, and of the bytes those that were synced;
"torn" keeps all names, and of the bytes that were not synced an arbitrary half of the 4 KiB blocks.
"""

import os
import shutil

RULES = ("strict", "ordered", "torn")
_BLOCK = 4096


def read_trace(path):
    """-> [(operation, path, other path, inode, offset, bytes)]"""
    with open(path, "rb") as file:
        raw = file.read()
    found, place = [], 0
    while place < len(raw):
        end = raw.index(b"\n", place)
        what, one, two, inode, offset, count = raw[place:end].decode("utf-8", "replace").split("\t")
        data = raw[end + 1:end + 1 + int(count)]
        found.append((what, one.strip("/"), two.strip("/"), int(inode), int(offset), data))
        place = end + 2 + int(count)
    return found


class _View:
    """Folders, names and contents."""

    def __init__(self, folders, names, contents):
        self.folders, self.names = set(folders), dict(names)
        self.contents = {inode: bytearray(content) for inode, content in contents.items()}


class Disk:
    """Begins with what lies in a folder; `apply` does what a program did."""

    def __init__(self, folder):
        folders, names, contents = {""}, {}, {}
        for place, inner, files in os.walk(folder):
            below = os.path.relpath(place, folder)
            below = "" if below == "." else below
            folders.update(os.path.join(below, name) for name in inner)
            for name in files:
                path = os.path.join(place, name)
                inode = os.stat(path).st_ino
                names[os.path.join(below, name)] = inode
                with open(path, "rb") as file:
                    contents[inode] = file.read()
        self.seen, self.kept = _View(folders, names, contents), _View(folders, names, contents)
        # Names as they were at the last sync of anything.
        self.ordered = (set(folders), dict(names))
        self.unsynced = {}

    def apply(self, operation):
        what, path, other, inode, offset, data = operation
        seen = self.seen
        if what == "create":
            seen.names[path], seen.contents[inode] = inode, bytearray()
            self.kept.contents[inode] = bytearray()
        elif what in ("write", "durable write"):
            _put(seen.contents.setdefault(inode, bytearray()), offset, data)
            if what == "write":
                first, last = offset // _BLOCK, (offset + len(data) - 1) // _BLOCK
                self.unsynced.setdefault(inode, set()).update(range(first, last + 1))
            else:
                _put(self.kept.contents.setdefault(inode, bytearray()), offset, data)
        elif what == "truncate":
            content = seen.contents.setdefault(inode, bytearray())
            del content[offset:]
            content.extend(bytes(offset - len(content)))
        elif what == "mkdir":
            seen.folders.add(path)
        elif what == "rmdir":
            seen.folders.discard(path)
        elif what == "unlink":
            seen.names.pop(path, None)
        elif what == "rename":
            self._rename(path, other)
        elif what == "sync":
            self._sync(path, inode)

    def _rename(self, path, other):
        seen = self.seen
        if path in seen.names:
            seen.names[other] = seen.names.pop(path)
            return
        for folder in [name for name in seen.folders if name == path or name.startswith(path + "/")]:
            seen.folders.discard(folder)
            seen.folders.add(other + folder[len(path):])
        for name in [name for name in seen.names if name.startswith(path + "/")]:
            seen.names[other + name[len(path):]] = seen.names.pop(name)

    def _sync(self, path, inode):
        seen, kept = self.seen, self.kept
        if path in seen.folders:
            def inside(name):
                return name and os.path.dirname(name) == path
            kept.names = {name: at for name, at in kept.names.items() if not inside(name)}
            kept.names.update({name: at for name, at in seen.names.items() if inside(name)})
            kept.folders = {name for name in kept.folders if not inside(name)}
            kept.folders |= {name for name in seen.folders if inside(name)}
        else:
            kept.contents[inode] = bytearray(seen.contents.get(inode, b""))
            self.unsynced.pop(inode, None)
        self.ordered = (set(seen.folders), dict(seen.names))

    def lay_out(self, folder, rule, draw):
        """Writes what a power cut now would leave."""
        if rule == "strict":
            folders, names = self.kept.folders, self.kept.names
        elif rule == "ordered":
            folders, names = self.ordered
        else:
            folders, names = self.seen.folders, self.seen.names
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        there = {""}
        for name in sorted(folders, key=lambda name: name.count("/")):
            if name and os.path.dirname(name) in there:
                there.add(name)
                os.makedirs(os.path.join(folder, name), exist_ok=True)
        for name, inode in names.items():
            if os.path.dirname(name) in there:
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(self._content(inode, rule, draw))

    def _content(self, inode, rule, draw):
        kept = self.kept.contents.get(inode, bytearray())
        if rule != "torn":
            return bytes(kept)
        content = bytearray(self.seen.contents.get(inode, b""))
        for block in self.unsynced.get(inode, ()):
            if draw.random() < 0.5:
                place = slice(block * _BLOCK, min((block + 1) * _BLOCK, len(content)))
                old = kept[place]
                content[place] = old + bytes(max(0, place.stop - place.start - len(old)))
        return bytes(content)


def _put(content, offset, data):
    content.extend(bytes(max(0, offset - len(content))))
    content[offset:offset + len(data)] = data
