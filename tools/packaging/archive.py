"""polylex-<version>-x86_64-linux.tar.gz: unpack it anywhere, put its bin on PATH."""

import gzip
import os
import platform
import shutil
import tarfile

from packaging import programs, tree
from packaging.trouble import fail, say


def make(work, out):
    built = programs.build("relocatable", work)
    name = f"polylex-{tree.version()}-{platform.machine()}-linux"
    root = os.path.join(work, "tree", name)
    shutil.rmtree(os.path.dirname(root), ignore_errors=True)
    shutil.copytree(built, os.path.join(root, "bin"))
    lay_out_relocatable(root, work)
    data = os.path.join(root, "share")
    tree.share(os.path.join(data, "polylex"))
    tree.manuals(built, os.path.join(data, "man", "man1"))
    tree.completions(built, {
        "bash": os.path.join(data, "bash-completion", "completions"),
        "zsh": os.path.join(data, "zsh", "site-functions"),
        "fish": os.path.join(data, "fish", "vendor_completions.d"),
    })
    tree.documents(os.path.join(data, "doc", "polylex"))
    path = os.path.join(out, name + ".tar.gz")
    pack(root, path)
    say(f"{path}: {os.path.getsize(path) / 1e6:.1f} MB")
    return path


def lay_out_relocatable(root, work):
    """Libraries and licences beside `root`/bin; checks that Ubuntu 22.04's C library is enough. -> that version."""
    library = os.path.join(root, "lib")
    bundled = programs.bundle(os.path.join(root, "bin"), library)
    found = [os.path.join(root, "bin", name) for name in programs.PROGRAMS]
    found += [os.path.join(library, name) for name in bundled]
    wanted = programs.oldest_c_library(found)
    if wanted > programs.OLDEST_C_LIBRARY:
        fail("the programs need glibc {}.{}, and Ubuntu 22.04 has {}.{}: which symbol does "
             "'objdump -T' name?".format(*wanted, *programs.OLDEST_C_LIBRARY))
    sources = programs.linked_archives("relocatable", work) | set(bundled.values())
    tree.licences(os.path.join(root, "share", "doc", "polylex", "licences"), sources)
    return wanted


def pack(root, path):
    """The same files give the same bytes: sorted, owned by root, of the commit's time."""
    def uniform(entry):
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = tree.date()
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=tree.date()) as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(root, os.path.basename(root), recursive=True, filter=uniform)
