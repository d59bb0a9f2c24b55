"""Stores in NumPy: what docs/store.md describes, read with LMDB and nothing else."""

import json
import os
import struct
import threading
import warnings

import lmdb

from polylex import layers
from polylex.errors import StoreError

FORMATS = (b"1", b"2")
LONGEST_KEYED_TEXT = 480


class Environments:
    """Open catalogues by path: LMDB allows each once in a process."""

    def __init__(self):
        self.lock, self.open = threading.Lock(), {}

    def get(self, folder):
        path = os.path.realpath(os.path.join(folder, "catalog.lmdb"))
        try:
            status = os.stat(os.path.join(path, "data.mdb"))
        except OSError as error:
            raise StoreError(f"{folder}: not a store: {error.strerror}: {path}/data.mdb; 'indexer build --store "
                             f"{folder}' makes one") from error
        identity = (status.st_dev, status.st_ino)
        with self.lock:
            known, environment = self.open.get(path, (None, None))
            if known != identity:
                # Another store at the same place: the old one has been removed.
                if environment is not None:
                    environment.close()
                environment = self.read_only(path)
                self.open[path] = (identity, environment)
            return environment

    @staticmethod
    def read_only(path):
        options = {"readonly": True, "max_dbs": 32, "create": False, "max_readers": 126}
        try:
            return lmdb.open(path, **options)
        except lmdb.Error:
            # On a read-only file system readers cannot register; nobody can write either.
            return lmdb.open(path, lock=False, **options)


_environments = Environments()


class Store:
    """A folder that `indexer build` has made. Each call reads one state of it; builds may go on meanwhile.

    A catalogue from a stranger is checked by `indexer verify`; LMDB itself trusts its file.
    """

    def __init__(self, folder="indexes"):
        self.folder = os.fspath(folder)
        self._read(lambda transaction, databases: None)

    def __repr__(self):
        return f"polylex.Store({self.folder!r})"

    def checkpoints(self):
        """Names of the checkpoints, sorted."""
        return self._read(lambda transaction, databases: [
            key.decode() for key, _ in transaction.cursor(databases["checkpoints"])])

    def collections(self, checkpoint):
        """Names of a checkpoint's collections: 'words/fi', 'sentences/fra-eng/eng'."""
        return self._read(lambda *state: self._collections(*state, checkpoint))

    def layers(self, checkpoint, collection):
        """Numbers of the stored layers; 0 is the embedding output."""
        return self._read(lambda *state: [record["layer"] for record in self._layers(*state, checkpoint, collection)])

    def texts(self, checkpoint, collection):
        """The texts of the rows, in order."""
        def texts(transaction, databases):
            record = self._collection(transaction, databases, checkpoint, collection)
            name, cursor = bytes.fromhex(record["list"]), transaction.cursor(databases["rows"])
            found = []
            if cursor.set_range(name):
                for key, value in cursor:
                    if not key.startswith(name):
                        break
                    found.append(value[4:].decode("utf-8"))
            if len(found) != record["rows"]:
                raise StoreError(f"{self.folder}: {checkpoint} {collection}: expected {record['rows']} texts, found "
                                 f"{len(found)}; see 'indexer verify'")
            return found
        return self._read(texts)

    def row(self, checkpoint, collection, text):
        """The first row with this text; None when there is none."""
        key = text.encode("utf-8")
        if len(key) > LONGEST_KEYED_TEXT:
            # Keyed by a hash that Python does not have.
            texts = self.texts(checkpoint, collection)
            return texts.index(text) if text in texts else None

        def row(transaction, databases):
            record = self._collection(transaction, databases, checkpoint, collection)
            value = transaction.get(bytes.fromhex(record["list"]) + key, db=databases["texts"])
            return None if value is None else struct.unpack("<I", value)[0]
        return self._read(row)

    def vectors(self, checkpoint, collection, layer):
        """One layer of a collection: float32 [rows, dimension], rows as in `texts`, each of length 1.

        From fp16 and sq8 files, what their codes stand for. Warns when the collection was encoded by earlier weights of
        the checkpoint.
        """
        def vectors(transaction, databases):
            record = self._collection(transaction, databases, checkpoint, collection)
            weights = json.loads(transaction.get(checkpoint.encode(), db=databases["checkpoints"]))["fingerprint"]
            known = self._layers(transaction, databases, checkpoint, collection)
            found = [one for one in known if one["layer"] == layer]
            if not found:
                raise StoreError(f"{self.folder}: {checkpoint} {collection} has no layer {layer}; it has "
                                 + (", ".join(str(one["layer"]) for one in known) or "none"))
            if "dropped" in found[0]:
                raise StoreError(f"{self.folder}: the vectors of {checkpoint} {collection} were dropped after their "
                                 "evaluation; the same 'indexer build' encodes them again")
            # Read inside the transaction's state: gc may remove a file that is no longer current.
            array = layers.read(self._path(found[0]["file"]), record["rows"], found[0]["dimension"])
            return array, record.get("checkpointFingerprint", weights) != weights
        array, is_stale = self._read(vectors)
        if is_stale:
            warnings.warn(f"{checkpoint} {collection} was encoded by earlier weights of the checkpoint; its vectors "
                          "must not be compared with those of other collections", stacklevel=2)
        return array

    # --- inside a transaction

    def _read(self, body):
        missing = None
        for _ in range(5):
            environment = _environments.get(self.folder)
            try:
                # Outside the transaction: opening a database starts one of its own.
                databases = {name: environment.open_db(name.encode(), create=False)
                    for name in ("meta", "checkpoints", "collections", "layers", "rows", "texts")}
                with environment.begin() as transaction:
                    version = transaction.get(b"format", db=databases["meta"])
                    if version not in FORMATS:
                        raise StoreError(f"{self.folder}: expected format version 1 or 2, found "
                                         f"{version.decode() if version else 'none'}; a newer polylex may read it")
                    return body(transaction, databases)
            except lmdb.MapResizedError:
                environment.set_mapsize(0)
            except FileNotFoundError as error:
                # A build published and gc removed what this state named: the next state has another file.
                missing = error
            except lmdb.NotFoundError as error:
                raise StoreError(f"{self.folder}: the catalogue lacks a database ({error}); nothing was ever stored in "
                                 "it, or it is damaged: see 'indexer verify'") from error
            except lmdb.Error as error:
                raise StoreError(f"{self.folder}: {error}; see 'indexer verify'") from error
        if missing is None:
            raise StoreError(f"{self.folder}: the catalogue kept growing while it was read; read again")
        raise StoreError(f"{missing.filename}: no such file, and the catalogue names it; see 'indexer verify'")

    def _collections(self, transaction, databases, checkpoint):
        if transaction.get(checkpoint.encode(), db=databases["checkpoints"]) is None:
            known = [key.decode() for key, _ in transaction.cursor(databases["checkpoints"])]
            raise StoreError(f"{self.folder}: no checkpoint '{checkpoint}'; there are: {', '.join(known) or 'none'}")
        return [key.split(b"\0")[1].decode() for key, _ in
            self._entries(transaction, databases["collections"], checkpoint.encode() + b"\0")]

    def _collection(self, transaction, databases, checkpoint, collection):
        value = transaction.get(f"{checkpoint}\0{collection}".encode(), db=databases["collections"])
        if value is None:
            known = self._collections(transaction, databases, checkpoint)
            raise StoreError(f"{self.folder}: {checkpoint} has no collection '{collection}'; it has: "
                             f"{', '.join(known) or 'none'}")
        return json.loads(value)

    def _layers(self, transaction, databases, checkpoint, collection):
        self._collection(transaction, databases, checkpoint, collection)
        prefix = f"{checkpoint}\0{collection}\0".encode()
        return [json.loads(value) for _, value in self._entries(transaction, databases["layers"], prefix)]

    @staticmethod
    def _entries(transaction, database, prefix):
        cursor = transaction.cursor(database)
        if cursor.set_range(prefix):
            for key, value in cursor:
                if not key.startswith(prefix):
                    break
                yield key, value

    def _path(self, name):
        parts = name.split("/")
        if parts[0] != "data" or any(part in ("", ".", "..") for part in parts):
            raise StoreError(f"{self.folder}: expected a file below 'data', found '{name}'; see 'indexer verify'")
        return os.path.join(self.folder, *parts)
