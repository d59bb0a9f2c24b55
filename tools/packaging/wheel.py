"""polylex-<version>-py3-none-manylinux_2_35_x86_64.whl: the programs and the Python module, for pip."""

import glob
import os
import platform
import re
import shutil
import sys

from packaging import archive, programs, tree
from packaging.trouble import ROOT, fail, run, say


def make(work, out):
    source = os.path.join(ROOT, "python")
    with open(os.path.join(source, "pyproject.toml"), encoding="utf-8") as file:
        stated = re.search(r'^version = "(.*)"$', file.read(), re.M)[1]
    if stated != tree.version():
        fail(f"python/pyproject.toml: expected version {tree.version()}, as CITATION.cff has it, found {stated}")
    built = programs.build("relocatable", work)
    root = os.path.join(work, "wheel.tree")
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(source, root, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    package = os.path.join(root, "polylex")
    shutil.copytree(built, os.path.join(package, "bin"))
    wanted = archive.lay_out_relocatable(package, work)
    # pip has a place of its own for licences.
    os.rename(os.path.join(package, "share", "doc", "polylex", "licences"), os.path.join(root, "licences"))
    shutil.rmtree(os.path.join(package, "share"))
    tree.share(os.path.join(package, "share"))
    for name in ("LICENSE", "NOTICE"):
        shutil.copyfile(os.path.join(ROOT, name), os.path.join(root, name))
    # The C library that was measured, or the one packages are promised for.
    oldest = max(wanted, programs.OLDEST_C_LIBRARY)
    with open(os.path.join(root, "setup.cfg"), "w", encoding="utf-8") as file:
        file.write("[bdist_wheel]\nplat_name = manylinux_{}_{}_{}\n".format(*oldest, platform.machine()))
    for old in glob.glob(os.path.join(out, "polylex-*.whl")):
        os.remove(old)
    run(
        sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", out, root,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(tree.date())})
    found = glob.glob(os.path.join(out, "polylex-*.whl"))
    if len(found) != 1:
        fail(f"pip wheel: expected one wheel in {out}, found {found}")
    say(f"{found[0]}: {os.path.getsize(found[0]) / 1e6:.1f} MB")
    return found[0]
