"""One file, whole, as it is on the server."""

import os
import shutil

from .trouble import FetchError, INPUT_OUTPUT, Progress, Retry, quantity


def joins(part, reply, offset):
    """Whether the answer continues what has arrived; False when it is the file from its start; Retry when neither."""
    if reply.status == 200:
        return False
    same = reply.validator in ("", part.state.get("validator")) and reply.total in (None, part.state.get("total"))
    if same and ((reply.status == 206 and reply.start == offset) or (reply.status == 416 and reply.total == offset)):
        part.joined = True
        return True
    part.discard()
    raise Retry("what has arrived belongs to another version; starting over")


def check_room(part, reply, offset):
    if reply.total is None:
        return
    free, needed = shutil.disk_usage(os.path.dirname(part.path)).free, reply.total - offset
    if needed > free:
        raise FetchError(
            INPUT_OUTPUT, f"{part.target}: the disk is full: {quantity(needed)} are missing and {quantity(free)} are "
            "free; nothing was lost, free space and run the same command again", stop=True)


def download(web, part, name):
    """The whole file into the part; -> the last Reply."""

    def attempt():
        offset = part.size if part.state else 0
        reply = web.open(part.url, offset, part.state.get("validator", ""))
        with reply.response:
            if not (offset and joins(part, reply, offset)):
                offset = 0
                part.discard()
                if reply.validator:
                    part.save(validator=reply.validator, total=reply.total)
            if reply.status == 416:
                return reply
            check_room(part, reply, offset)
            with part.open() as file:
                for chunk in reply.chunks(offset):
                    part.append(file, chunk)
                    offset += len(chunk)
                    Progress.show(name, offset, reply.total)
        return reply

    return web.persist(part.url, attempt, lambda: part.size)
