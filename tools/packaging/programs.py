"""Builds the programs for packages: with the Swift library in them, and native libraries in them or beside them.

Two linkings of the same objects. `relocatable` has libraries inside where Debian ships them as archives; the others lie
in ../lib, found through the programs' own search path. `debian` uses the system's libraries, as a Debian package shall.
Both leave the C library, libstdc++ and libgcc_s to the system: a C library cannot be carried along, and Debian 12's
libstdc++.a would ask for a newer one (2.36) than Ubuntu 22.04 has (2.35).
"""

import glob
import os
import re
import shutil
import subprocess

from packaging.trouble import ROOT, fail, run, say

PROGRAMS = ("train", "indexer", "query")
SCRATCH = os.path.join(ROOT, ".build-package")
# Archives that take the place of shared libraries, by the Debian package that has each; those after libarchive are
# what its reading of zip, bzip2, xz and zstandard stands on.
ARCHIVES = {
    "libxxhash.a": "libxxhash-dev", "liblmdb.a": "liblmdb-dev", "libz.a": "zlib1g-dev",
    "libarchive.a": "libarchive-dev", "libbz2.a": "libbz2-dev", "liblzma.a": "liblzma-dev",
    "libzstd.a": "libzstd-dev", "liblz4.a": "liblz4-dev", "libnettle.a": "nettle-dev", "libxml2.a": "libxml2-dev",
    "libacl.a": "libacl1-dev",
}
# Of the libraries that Package.swift names and that are taken as archives.
DESCRIPTIONS = ("libxxhash.pc", "lmdb.pc", "zlib.pc", "libarchive.pc")
# Of the system everywhere: what PEP 600 lets a manylinux wheel expect, too.
OF_THE_SYSTEM = {
    "libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "ld-linux-x86-64.so.2", "libstdc++.so.6",
    "libgcc_s.so.1",
}
OLDEST_C_LIBRARY = (2, 35)  # Ubuntu 22.04's


def library_folder():
    return os.path.join("/usr/lib", run("dpkg-architecture", "-qDEB_HOST_MULTIARCH").strip())


def archive_folder(work):
    """A folder with archives and no shared library, for the linker to search first."""
    folder = os.path.join(work, "archives")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name, package in ARCHIVES.items():
        source = os.path.join(library_folder(), name)
        if not os.path.exists(source):
            fail(f"{source}: no such file; apt-get install {package}")
        os.symlink(source, os.path.join(folder, name))
    return folder


def descriptions(work, archives):
    """A folder of pkg-config descriptions that name `archives` first; what -Xlinker adds comes after the system's."""
    folder = os.path.join(work, "pkgconfig")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for name in DESCRIPTIONS:
        with open(os.path.join(library_folder(), "pkgconfig", name), encoding="utf-8") as file:
            text = file.read()
        changed, count = re.subn(r"(?m)^Libs:", f"Libs: -L{archives}", text)
        if count != 1:
            fail(f"{name}: expected one line 'Libs:', found {count}")
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(changed)
    return folder


def build(flavour, work):
    """-> folder with the three programs, stripped; `work`/`flavour`.map/ tells what each was linked from."""
    target, maps = os.path.join(work, flavour), os.path.join(work, flavour + ".map")
    for folder in (target, maps):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    linker, options = ["--build-id=sha1", "-z", "relro", "-z", "now"], []
    if flavour == "relocatable":
        archives = archive_folder(work)
        options = ["--pkg-config-path", descriptions(work, archives)]
        # What libarchive.a stands on, which its description for shared linking leaves out.
        linker += ["-L" + archives, "--start-group", *(f"-l{name[3:-2]}" for name in ARCHIVES), "--end-group"]
        # The older kind of search path holds for the libraries of libraries, too.
        linker += ["-rpath=$ORIGIN/../lib", "--disable-new-dtags"]
    for program in PROGRAMS:
        # Linked anew each time: the map must be there, and swift build looks at sources alone.
        if os.path.exists(os.path.join(SCRATCH, "release", program)):
            os.remove(os.path.join(SCRATCH, "release", program))
        say(f"building {program} ({flavour})")
        words = [*linker, f"-Map={os.path.join(maps, program)}"]
        passed = [part for word in words for part in ("-Xlinker", word)]
        run(
            "swift", "build", "-c", "release", "--scratch-path", SCRATCH, "--static-swift-stdlib",
            "--disable-local-rpath", *options, "--product", program, *passed)
        built = os.path.join(target, program)
        # Debug information names folders of the machine it was built on.
        run("strip", "--strip-unneeded", "-o", built, os.path.join(SCRATCH, "release", program))
        os.chmod(built, 0o755)
    return target


def needed(path):
    return re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", path))


def bundle(programs, library):
    """Copies to folder `library` each shared library that is not of every system. -> {name: where it came from}."""
    os.makedirs(library, exist_ok=True)
    found, pending = {}, [name for program in PROGRAMS for name in needed(os.path.join(programs, program))]
    while pending:
        name = pending.pop()
        if name in found or name in OF_THE_SYSTEM:
            continue
        source = os.path.realpath(os.path.join(library_folder(), name))
        if not os.path.exists(source):
            fail(f"{name}: not in {library_folder()}; a program needs it")
        target = os.path.join(library, name)
        shutil.copyfile(source, target)
        os.chmod(target, 0o644)
        found[name] = source
        pending += needed(target)
    return found


def oldest_c_library(paths):
    """The C library that these programs and libraries ask for at least, as (2, n)."""
    versions = [(0, 0)]
    for path in paths:
        for major, minor in re.findall(r"\bGLIBC_(\d+)\.(\d+)", run("readelf", "--version-info", path)):
            versions.append((int(major), int(minor)))
    return max(versions)


def linked_archives(flavour, work):
    """Paths of the archives of which a part is in one of the programs, from the linker's maps."""
    found = set()
    for path in glob.glob(os.path.join(work, flavour + ".map", "*")):
        with open(path, encoding="utf-8", errors="replace") as file:
            found.update(os.path.realpath(name) for name in re.findall(r"(/\S+\.a)(?=[:(])", file.read()))
    if not found:
        fail(f"the linker's maps in {work}/{flavour}.map name no archive")
    return found
