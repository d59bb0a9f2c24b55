"""How a file is damaged: bits, bytes, lengths, lines, cells, values of JSON, headers of safetensors. Everything is
drawn from one generator, so a seed gives the same mutants everywhere."""

import json
import re
import struct

NUMBERS = [
    0, 1, -1, 2, 7, 8, 127, 128, 255, 256, 32767, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53, 2**63 - 1,
    2**63,
    2**64 - 1, -(2**31), -(2**63), 10**18, 10**30]
PIECES = [
    b"", b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\r\n", b"\n", b"\t", b'"', b"\\", b"\\u0000", b"\\ud800",
    b"{", b"}",
    b"[", b"]", b",", b":", b"null", b"NaN", b"1e999", b"-0", b"9" * 25, b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    b"\xc0\x80",
    b"\xe2\x80\xa8", b"\xf0\x9f\x98\x80", b"<", b">", b"&amp;", b"&#x110000;", b"&#0;", b"<![CDATA[", b"]]>", b"<!--",
    b'<!DOCTYPE x [<!ENTITY a "b">]>', b"../", b"/etc/passwd", b"\x1b[31m", b"=1+1"]
_NUMBER = re.compile(rb"-?\d+(\.\d+)?")


def some_bytes(data, draw, within=None):
    """One to forty changes anywhere, or in the first `within` bytes."""
    data = bytearray(data)
    for _ in range(draw.choice((1, 1, 1, 2, 3, 5, 40))):
        if not data:
            data += draw.randbytes(draw.randrange(1, 20))
            continue
        place, kind = draw.randrange(min(len(data), within or len(data))), draw.randrange(10)
        count = draw.choice((1, 2, 4, 16, 100, 1000))
        other = draw.randrange(len(data))
        if kind == 0:
            data[place] ^= 1 << draw.randrange(8)
        elif kind == 1:
            data[place] = draw.choice((0, 0xFF, 0x7F, 0x80, 0x20, 0x0A, draw.randrange(256)))
        elif kind == 2:
            width = draw.choice((2, 4, 8))
            value = draw.choice(NUMBERS) & ((1 << 8 * width) - 1)
            data[place:place + width] = value.to_bytes(width, draw.choice(("little", "big")))
        elif kind == 3:
            del data[place:place + count]
        elif kind == 4:
            data[place:place] = data[other:other + count]
        elif kind == 5:
            data[place:place] = draw.randbytes(min(count, 50))
        elif kind == 6:
            data[place:place] = draw.choice(PIECES)
        elif kind == 7:
            piece = draw.choice(PIECES)
            data[place:place + len(piece)] = piece
        elif kind == 8:
            del data[place:]
        else:
            data[place:place + count] = data[other:other + count]
    return bytes(data)


def some_text(data, draw):
    """Bytes, numbers, or lines and their cells."""
    kind = draw.randrange(6)
    if kind < 2:
        return some_bytes(data, draw)
    if kind == 2 and _NUMBER.search(data):
        match = draw.choice(list(_NUMBER.finditer(data)))
        value = draw.choice([str(draw.choice(NUMBERS)).encode(), b"1e308", b"nan", b"inf", b"0.5", b""])
        return data[:match.start()] + value + data[match.end():]
    lines = data.split(b"\n")
    for _ in range(draw.choice((1, 2, 5))):
        place, kind = draw.randrange(len(lines)), draw.randrange(6)
        if kind == 0:
            lines.insert(place, draw.choice(lines))
        elif kind == 1 and len(lines) > 1:
            del lines[place]
        elif kind == 2:
            lines[place] = some_bytes(lines[place], draw)
        elif kind == 3:
            lines[place] *= draw.choice((2, 10, 100))
        elif kind == 4:
            lines.insert(place, draw.choice((b"", b"\t\t\t", b" ", b"x" * 5000, draw.randbytes(3))))
        else:
            cells = lines[place].split(b"\t")
            draw.shuffle(cells)
            lines[place] = draw.choice((b"\t", b",", b" ")).join(cells)
    return b"\n".join(lines)


def _places(value, place=()):
    found = [place] if place else []
    inner = value.items() if isinstance(value, dict) else enumerate(value[:40]) if isinstance(value, list) else ()
    for key, below in inner:
        found += _places(below, (*place, key))
    return found


def _value(draw):
    return draw.choice([
        None, True, False, "", "x", "\0", "../", "/etc/passwd", [], {}, [[]], [1, 2], {"a": 1}, 1.5, -0.0, 1e308,
        "9" * 30,
        "a" * 5000, "\u2028", [0] * 50, {"": {}}, "BertModel", "gelu", "bert", "xlm-roberta", *NUMBERS])


def some_json(data, draw):
    """Values of a document: removed, replaced, of another kind, doubled."""
    if draw.random() < 0.25:
        return some_text(data, draw)
    try:
        document = json.loads(data)
    except ValueError:
        return some_bytes(data, draw)
    for _ in range(draw.choice((1, 1, 2, 3))):
        places = sorted(_places(document), key=len)
        if not places:
            break
        place = draw.choice(places[:max(1, int(len(places) * draw.choice((0.2, 1))))])
        parent = document
        for key in place[:-1]:
            parent = parent[key]
        old, kind = parent[place[-1]], draw.randrange(5)
        if kind == 0:
            del parent[place[-1]]
        elif kind == 1 and isinstance(old, (int, float)) and not isinstance(old, bool):
            parent[place[-1]] = old * draw.choice((-1, 2, 1000)) + draw.choice((-1, 0, 1))
        elif kind == 2 and isinstance(old, str):
            kept = old[:draw.randrange(len(old) + 1)]
            parent[place[-1]] = kept + draw.choice(("", "\0", "é", "x" * 100, "##", "▁"))
        elif kind == 3 and isinstance(old, list) and old:
            draw.shuffle(old)
        else:
            parent[place[-1]] = _value(draw)
    return json.dumps(document, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")


def some_safetensors(data, draw):
    if draw.random() < 0.35:
        return some_bytes(data, draw, within=2500)
    length = struct.unpack("<Q", data[:8])[0]
    header, rest = data[8:8 + length], data[8 + length:]
    header = some_json(header, draw)
    told = draw.choice(NUMBERS) & (2**64 - 1) if draw.random() < 0.15 else len(header)
    return struct.pack("<Q", told) + header + rest
