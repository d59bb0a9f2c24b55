"""Files inside archives."""

import tarfile
import zipfile


def zip_members(path):
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                yield entry.filename, entry.file_size, lambda: archive.read(entry)


def tar_members(path):
    with tarfile.open(path, "r:gz") as archive:
        for entry in archive:
            if entry.isfile():
                yield entry.name, entry.size, lambda: archive.extractfile(entry).read()
