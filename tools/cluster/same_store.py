"""Compares two stores: every byte of every layer file, every record but for when things were made. Needs lmdb."""

import json
import os


def files(store):
    """-> {path in the store: path} of its layer files."""
    return {
        os.path.relpath(os.path.join(path, name), store): os.path.join(path, name)
        for path, _, names in os.walk(f"{store}/data") for name in names}


def records(store):
    """-> {(database, key): value}, layers without `created`."""
    import lmdb

    found = {}
    with lmdb.open(f"{store}/catalog.lmdb", max_dbs=32, readonly=True, lock=False) as catalogue:
        for name in (b"checkpoints", b"collections", b"layers", b"lists", b"rows", b"texts", b"sequences"):
            database = catalogue.open_db(name, create=False)
            with catalogue.begin() as transaction:
                for key, value in transaction.cursor(database):
                    if name == b"layers":
                        record = json.loads(value)
                        del record["created"]
                        value = json.dumps(record, sort_keys=True).encode()
                    found[name, bytes(key)] = bytes(value)
    return found


def differences(one, other):
    """-> what is not the same, a phrase each."""
    found = []
    first, second = files(one), files(other)
    found += [f"{name}: in one store only" for name in sorted(first.keys() ^ second.keys())]
    for name in sorted(first.keys() & second.keys()):
        with open(first[name], "rb") as a, open(second[name], "rb") as b:
            if a.read() != b.read():
                found.append(f"{name}: other bytes")
    first, second = records(one), records(other)
    found += [
        f"{database.decode()} {key!r}: in one store only" for database, key in sorted(first.keys() ^ second.keys())]
    found += [
        f"{database.decode()} {key!r}: another record" for database, key in sorted(first.keys() & second.keys())
        if first[database, key] != second[database, key]]
    return found
