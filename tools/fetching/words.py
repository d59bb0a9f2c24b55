"""The first words of a fastText vector file, without the file."""

import itertools
import re
import zlib

from .download import joins
from .trouble import BAD_INPUT, FetchError, Progress, Retry

# A .vec row is a word and 300 numbers, some 3 KB.
LONGEST_ROW = 16 << 20
# How much of a vector file may have to come again when the process is killed outright.
SAVE_EVERY = 32 << 20


class WordRows:
    """Takes the bytes of a fastText text file as they come, gives its first words, counts how far whole rows reach."""

    def __init__(self, url, wanted, offset=0, found=0, dimension=0, promised=0):
        self.url, self.wanted, self.rest = url, wanted, b""
        self.offset, self.found, self.dimension, self.promised = offset, found, dimension, promised

    @property
    def complete(self):
        return self.dimension > 0 and self.found >= min(self.wanted, self.promised)

    def bad(self, message):
        return FetchError(BAD_INPUT, f"{self.url}: {message}")

    def take(self, data, last=False):
        """-> the words of the rows that `data` completes, a line each."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        if last and self.rest:
            lines, self.rest = [*lines, self.rest], b""
        if len(self.rest) > LONGEST_ROW:
            raise self.bad(f"row {self.found + 1} is longer than {LONGEST_ROW >> 20} MiB: no fastText text file")
        words = []
        for line in lines:
            if self.complete:
                break
            if self.dimension:
                words.append(self.word(line) + b"\n")
                self.found += 1
            else:
                self.header(line)
            self.offset += len(line) + 1
        return b"".join(words)

    def header(self, line):
        match = re.fullmatch(rb"(\d{1,12})[ \t]+(\d{1,6})[ \t\r]*", line)
        if not match or int(match[1]) < 1 or int(match[2]) < 1:
            raise self.bad(f"begins with {line[:40]!r}, expected counts of words and dimensions: no fastText file")
        self.promised, self.dimension = int(match[1]), int(match[2])

    def word(self, line):
        """Everything before the last `dimension` numbers: words may hold, begin with or consist of no-break spaces."""
        fields = line.rsplit(None, self.dimension)
        # A row that starts with a separator and has only numbers is an empty entry: it keeps its place in the ranking.
        word = b"" if len(fields) == self.dimension and line[:1] in (b" ", b"\t") else fields.pop(0) if fields else b""
        try:
            if len(fields) < self.dimension:
                raise ValueError
            float(fields[0]), float(fields[-1])
        except ValueError:
            raise self.bad(f"row {self.found + 1} does not end in {self.dimension} numbers") from None
        return word.lstrip(b" \t")


def plain_bytes(chunks, url):
    """Undoes gzip, which is recognised by its contents; -> (whether it was gzip, bytes) pairs."""
    unpacker = None
    for position, chunk in enumerate(chunks):
        if position == 0 and chunk[:2] == b"\x1f\x8b":
            unpacker = zlib.decompressobj(wbits=31)
        if unpacker is None:
            yield False, chunk
            continue
        try:
            while chunk:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(wbits=31)
                yield True, unpacker.decompress(chunk, 1 << 22)
                chunk = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
        except zlib.error as error:
            raise FetchError(BAD_INPUT, f"{url}: damaged gzip data ({error})") from error
    if unpacker is not None and not unpacker.eof:
        raise Retry("the gzip data ended early")


def stream_words(web, part, name, wanted):
    """The first `wanted` words into the part, then the connection is closed; resumes behind the last complete row."""
    fields = ("offset", "found", "dimension", "promised", "size")

    def attempt():
        state = part.state
        if not all(isinstance(state.get(field), int) for field in fields) or part.size < state["size"]:
            state = {}
        offset = state.get("offset", 0)
        reply = web.open(part.url, offset, state.get("validator", ""))
        with reply.response:
            if offset and joins(part, reply, offset):
                rows = WordRows(part.url, wanted, *(state[field] for field in fields[:-1]))
                part.cut(state["size"])
                body = ((False, chunk) for chunk in reply.chunks(offset))
            else:
                rows, body = WordRows(part.url, wanted), plain_bytes(reply.chunks(0), part.url)
                part.discard()
            receive(rows, body, {"validator": reply.validator, "total": reply.total})
        return reply

    def receive(rows, body, version):
        with part.open() as file:
            where = {}
            try:
                for zipped, data in itertools.chain(body, [(False, None)]):
                    part.append(file, rows.take(b"", last=True) if data is None else rows.take(data))
                    # The offset of gzip data counts bytes that never went over the wire: such a file starts over.
                    if version["validator"] and not zipped and rows.dimension:
                        where = {"size": part.size, **{field: getattr(rows, field) for field in fields[:-1]}}
                        if rows.offset - part.state.get("offset", 0) > SAVE_EVERY:
                            part.save(**version, **where)
                    Progress.show(f"{name} ({rows.found} words)", rows.offset, None)
                    if rows.complete:
                        return
            except (Retry, KeyboardInterrupt, FetchError) as error:
                if where and getattr(error, "stop", True):
                    part.save(**version, **where)
                raise
        text = f"promises {rows.promised} rows, found {rows.found}; it was cut short at its source"
        raise FetchError(BAD_INPUT, f"{part.url}: {text}")

    return web.persist(part.url, attempt, lambda: part.state.get("offset", 0))
