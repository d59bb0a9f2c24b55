"""Reads a Polylex store with nothing but lmdb, faiss and numpy, as docs/store.md describes it.

usage: python3 dump_store.py STORE OUT

Writes OUT/catalogue.json (every database, keys decoded) and, for each layer file, OUT/<n>.f32 (its rows as
faiss reconstructs them, float32) and the three nearest rows of its first ten rows as faiss searches them.

Written with Python 3.11, faiss-cpu 1.15.1, lmdb 3.0.0, numpy 2.4.6.
"""

import json
import struct
import sys

import faiss
import lmdb
import numpy as np

MARKER = b"\xff"


def main(store, out):
    environment = lmdb.open(store + "/catalog.lmdb", readonly=True, max_dbs=32)
    names = ["meta", "checkpoints", "collections", "layers", "lists", "rows", "texts", "sequences", "results"]
    databases = {name: environment.open_db(name.encode(), create=False) for name in names}
    with environment.begin() as transaction:
        items = {name: list(transaction.cursor(databases[name])) for name in names}

    catalogue = {
        "meta": {k.decode(): v.decode() for k, v in items["meta"]},
        "checkpoints": [[k.decode(), json.loads(v)] for k, v in items["checkpoints"]],
        "collections": [[k.decode().split("\0"), json.loads(v)] for k, v in items["collections"]],
        "layers": [[k.decode().split("\0"), json.loads(v)] for k, v in items["layers"]],
        "lists": [[k.hex(), json.loads(v)] for k, v in items["lists"]],
        "rows": [
            [k[:16].hex(), struct.unpack(">I", k[16:])[0], struct.unpack("<I", v[:4])[0], v[4:].decode()]
            for k, v in items["rows"]
        ],
        # A text, or the marker and the hash that stands in for a long one.
        "texts": [
            [k[:16].hex(), "hash " + k[17:].hex() if k[16:17] == MARKER else "text " + k[16:].decode(),
             struct.unpack("<I", v)[0]]
            for k, v in items["texts"]
        ],
        "sequences": [
            [k.hex(), [v[i:i + 16].hex() for i in range(0, len(v), 16)]] for k, v in items["sequences"]
        ],
        "results": [[k.decode().split("\0"), json.loads(v)] for k, v in items["results"]],
        "vectors": [],
    }

    for number, (_, layer) in enumerate(catalogue["layers"]):
        index = faiss.read_index(store + "/" + layer["file"])
        vectors = index.reconstruct_n(0, index.ntotal)
        vectors.astype("<f4").tofile(f"{out}/{number}.f32")
        if isinstance(index, faiss.IndexHNSW):
            index.hnsw.efSearch = 128
        _, nearest = index.search(vectors[:10], 3)
        catalogue["vectors"].append({
            "type": type(index).__name__,
            "rows": index.ntotal,
            "dimension": index.d,
            "metric": int(index.metric_type),
            "trained": bool(index.is_trained),
            "nearest": nearest.tolist(),
            # What numpy finds among the same vectors.
            "exact": np.argsort(-(vectors[:10] @ vectors.T), axis=1, kind="stable")[:, :3].tolist(),
        })

    with open(out + "/catalogue.json", "w", encoding="utf-8") as file:
        json.dump(catalogue, file, ensure_ascii=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
