"""polylex_<version>_amd64.deb: installs with apt on Debian 12, stands on Debian's own libraries."""

import gzip
import os
import shutil
import time

from packaging import programs, tree
from packaging.trouble import fail, require, run, say

DESCRIPTION = """Description: multilingual transformer as a lexicon that can be asked
 Polylex encodes vocabularies and parallel sentences with a multilingual
 transformer (BERT, XLM-R, ModernBERT and others, as Hugging Face folders) at
 every layer, keeps the vectors in FAISS files under an LMDB catalogue, and
 translates words and evaluates from that store without the model. It also
 specialises checkpoints with pairs of words that mean the same.
 .
 The package has the programs train, indexer and query, a small model of nine
 languages, and samples to try everything on.
"""

# Of what is in the programs and not Debian's own: licences in full are in /usr/share/doc/polylex/licences.
COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Polylex
Upstream-Contact: {maintainer}
Source: https://aclanthology.org/2023.findings-acl.493
Comment: The source names the paper whose method Polylex implements; the archive
 this package was made from carries the sources.

Files: *
Copyright: 2026 the Polylex authors
License: Apache-2.0

Files: usr/share/polylex/models/*
Copyright: 2026 the Polylex authors
License: Apache-2.0
Comment: The weights were made from data under several licences, which
 /usr/share/polylex/models/mini/README.md names.

Files: usr/bin/*
Copyright: 2026 the Polylex authors
 2014-2026 Apple Inc. and the Swift project authors
 2015-2022 Facebook, Inc. and its affiliates (FAISS)
 2022 Simon Whitty (FlyingFox)
 2016 JP Simard (Yams)
 2006-2016 Kirill Simonov, 2017-2020 Ingy döt Net (libyaml)
 1991-2026 Unicode, Inc. (ICU in Foundation)
License: Apache-2.0 and Expat and Unicode
Comment: The Swift library, Foundation, swift-argument-parser (Apache-2.0 with
 the runtime library exception), swift-log (Apache-2.0), FAISS, FlyingFox, Yams and libyaml (Expat)
 and ICU (Unicode) are linked in;
 /usr/share/doc/polylex/licences has each licence in full.

License: Apache-2.0
 On Debian systems, the text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0.

License: Apache-2.0 and Expat and Unicode
 See /usr/share/common-licenses/Apache-2.0 and the files libfaiss-dev.txt,
 flyingfox.txt, libicu72.txt, swift.txt and yams.txt in
 /usr/share/doc/polylex/licences.
"""


# What lintian shall not complain of, and why.
OVERRIDES = """\
# Yams carries libyaml as C sources; a Swift package cannot be told to link Debian's instead.
polylex: embedded-library libyaml [usr/bin/indexer]
"""


def maintainer():
    """DEBFULLNAME and DEBEMAIL, as Debian's own tools have it."""
    name, address = os.environ.get("DEBFULLNAME", "The Polylex authors"), os.environ.get("DEBEMAIL")
    return f"{name} <{address or 'maintainers@polylex.invalid'}>"


def make(work, out):
    for program, package in (("dpkg-deb", "dpkg"), ("dpkg-shlibdeps", "dpkg-dev")):
        require(program, package)
    built = programs.build("debian", work)
    root = os.path.join(work, "debian.tree", "debian", "polylex")
    shutil.rmtree(os.path.dirname(os.path.dirname(root)), ignore_errors=True)
    shutil.copytree(built, os.path.join(root, "usr", "bin"))
    data = os.path.join(root, "usr", "share")
    tree.share(os.path.join(data, "polylex"))
    pages = os.path.join(data, "man", "man1")
    tree.manuals(built, pages)
    for name in os.listdir(pages):
        compress(os.path.join(pages, name))
    tree.completions(built, {
        "bash": os.path.join(data, "bash-completion", "completions"),
        "zsh": os.path.join(data, "zsh", "vendor-completions"),
        "fish": os.path.join(data, "fish", "vendor_completions.d"),
    })
    documents(os.path.join(data, "doc", "polylex"), work)
    write(os.path.join(data, "lintian", "overrides", "polylex"), OVERRIDES)
    write(os.path.join(root, "DEBIAN", "control"), control(root))
    write(os.path.join(root, "DEBIAN", "md5sums"), sums(root))
    modes(root)
    path = os.path.join(out, f"polylex_{tree.version()}_amd64.deb")
    # dpkg-deb takes the time of every member from here when it is later.
    run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, path,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(tree.date())})
    say(f"{path}: {os.path.getsize(path) / 1e6:.1f} MB")
    return path


def documents(folder, work):
    tree.documents(folder)
    # Debian has the Apache License once for all packages, and a changelog compressed.
    os.remove(os.path.join(folder, "LICENSE"))
    os.rename(os.path.join(folder, "CHANGELOG.md"), os.path.join(folder, "NEWS.md"))
    write(os.path.join(folder, "copyright"), COPYRIGHT.format(maintainer=maintainer()))
    day = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(tree.date()))
    write(os.path.join(folder, "changelog"), f"polylex ({tree.version()}) unstable; urgency=medium\n\n"
          f"  * Release {tree.version()}: NEWS.md beside this file says what is new.\n\n -- {maintainer()}  {day}\n")
    compress(os.path.join(folder, "changelog"))
    tree.licences(os.path.join(folder, "licences"), programs.linked_archives("debian", work))


def control(root):
    base = os.path.dirname(os.path.dirname(root))
    # dpkg-shlibdeps wants the control file of a source package.
    write(os.path.join(base, "debian", "control"), "Source: polylex\n\nPackage: polylex\nArchitecture: amd64\n")
    found = run(
        "dpkg-shlibdeps", "-O", *(f"-e{os.path.join(root, 'usr', 'bin', name)}" for name in programs.PROGRAMS),
        cwd=base)
    depends = [line for line in found.splitlines() if line.startswith("shlibs:Depends=")]
    if len(depends) != 1:
        fail(f"dpkg-shlibdeps: expected one line of dependencies, found: {found}")
    size = sum(os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(root) for name in names)
    # sphinxsearch has another program `indexer`.
    return (
        f"Package: polylex\nVersion: {tree.version()}\nArchitecture: amd64\nMaintainer: {maintainer()}\n"
        f"Installed-Size: {-(-size // 1024)}\nDepends: {depends[0].split('=', 1)[1]}\nConflicts: sphinxsearch\n"
        f"Section: science\nPriority: optional\n{DESCRIPTION}")


def sums(root):
    paths = sorted(
        os.path.relpath(os.path.join(place, name), root) for place, folders, names in os.walk(root)
        if os.path.basename(place) != "DEBIAN" for name in names)
    return run("md5sum", *paths, cwd=root)


def modes(root):
    for place, _, names in os.walk(root):
        os.chmod(place, 0o755)
        for name in names:
            path = os.path.join(place, name)
            os.chmod(path, 0o755 if place.endswith(os.path.join("usr", "bin")) else 0o644)


def compress(path):
    with open(path, "rb") as file:
        content = file.read()
    os.remove(path)
    with open(path + ".gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(content)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
