"""Layer files: FAISS indexes of an exact kind, read without FAISS (docs/store.md, "Layer files").

What is read is what FAISS 1.7 and later write: little-endian, a four-letter kind, a header, the codes.
"""

import struct

import numpy

from polylex.errors import StoreError

INNER_PRODUCT = 0
EIGHT_BITS, HALF_PRECISION = 0, 4  # faiss::ScalarQuantizer::QuantizerType
KINDS = {b"IxFI": "fp32", b"IxSQ": "fp16 or sq8", b"IHNf": "hnsw"}


class Reader:
    """Takes fields from the front of a file's bytes and never more than there are."""

    def __init__(self, path, content):
        self.path, self.content, self.place = path, memoryview(content), 0

    def fail(self, what, expected, found):
        raise StoreError(f"{self.path}: {what}: expected {expected}, found {found}; 'indexer verify' tells what is "
                         "damaged, the same 'indexer build' makes it again")

    def take(self, size, what):
        if size < 0 or size > len(self.content) - self.place:
            self.fail(what, f"{size} bytes from byte {self.place}", f"{len(self.content) - self.place}")
        self.place += size
        return self.content[self.place - size:self.place]

    def unpack(self, layout, what):
        values = struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout), what))
        return values if len(values) > 1 else values[0]

    def vector(self, width, what):
        """A length in elements of `width` bytes, then the elements."""
        return self.take(self.unpack("Q", what) * width, what)


def header(reader):
    """-> dimension, rows."""
    dimension, rows, _, _, is_trained, metric = reader.unpack("iqqq?i", "header")
    if dimension <= 0 or rows < 0 or not is_trained:
        reader.fail("header", "a trained index with rows of one dimension at least", f"{rows} rows of {dimension}")
    if metric != INNER_PRODUCT:
        reader.fail("metric", "the inner product (0)", metric)
    return dimension, rows


def flat(reader):
    dimension, rows = header(reader)
    values = reader.vector(4, "vectors")
    if len(values) != rows * dimension * 4:
        reader.fail("vectors", f"{rows} rows of {dimension} values", f"{len(values)} bytes")
    return numpy.frombuffer(values, "<f4").reshape(rows, dimension).astype(numpy.float32)


def quantised(reader):
    dimension, rows = header(reader)
    kind, _, _, width, code_size = reader.unpack("iifQQ", "quantiser")
    trained = numpy.frombuffer(reader.vector(4, "ranges"), "<f4")
    codes = reader.vector(1, "codes")
    size = {HALF_PRECISION: 2, EIGHT_BITS: 1}.get(kind)
    if size is None:
        reader.fail("quantiser", f"{HALF_PRECISION} (fp16) or {EIGHT_BITS} (sq8)", kind)
    if width != dimension or code_size != dimension * size or len(codes) != rows * code_size:
        reader.fail("codes", f"{rows} rows of {dimension} values of {size} bytes", f"{len(codes)} bytes")
    if kind == HALF_PRECISION:
        return numpy.frombuffer(codes, "<f2").reshape(rows, dimension).astype(numpy.float32)
    if len(trained) != 2 * dimension:
        reader.fail("ranges", f"{2 * dimension} values", len(trained))
    # As faiss decodes: the middle of each of 255 steps of a dimension's range.
    steps = (numpy.frombuffer(codes, numpy.uint8).reshape(rows, dimension).astype(numpy.float32)
             + numpy.float32(0.5)) / numpy.float32(255)
    return trained[:dimension] + steps * trained[dimension:]


def graph(reader):
    """Past the links of HNSW, to the flat index with the vectors."""
    shape = header(reader)
    for width, what in ((8, "probabilities"), (4, "neighbours a level"), (4, "levels"), (8, "offsets"), (4, "links")):
        reader.vector(width, what)
    reader.unpack("iiiii", "entry point")
    kind = bytes(reader.take(4, "kind of the vectors"))
    if kind != b"IxFI":
        reader.fail("kind of the vectors", "IxFI", kind)
    vectors = flat(reader)
    if vectors.shape != shape[::-1]:
        reader.fail("header", f"{vectors.shape[0]} rows of {vectors.shape[1]}", f"{shape[1]} rows of {shape[0]}")
    return vectors


def read(path, rows=None, dimension=None):
    """The vectors of a layer file, float32 [rows, dimension], in the order of the rows.

    Raises StoreError when the file is damaged, or does not hold the rows and the dimension asked for.
    """
    with open(path, "rb") as file:
        reader = Reader(path, file.read())
    kind = bytes(reader.take(4, "kind"))
    if kind not in KINDS:
        reader.fail("kind", " or ".join(f"{name.decode()} ({codec})" for name, codec in KINDS.items()), kind)
    vectors = {b"IxFI": flat, b"IxSQ": quantised, b"IHNf": graph}[kind](reader)
    if reader.place != len(reader.content):
        reader.fail("end", f"{reader.place} bytes", len(reader.content))
    for what, expected, found in (("rows", rows, vectors.shape[0]), ("dimension", dimension, vectors.shape[1])):
        if expected is not None and expected != found:
            reader.fail(what, f"{expected}, as the catalogue says", found)
    return vectors
