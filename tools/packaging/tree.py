"""What packages hold beside the programs: man pages, completions, the bundled model, samples, documents, licences."""

import functools
import os
import re
import shutil

from packaging import manual
from packaging.programs import PROGRAMS, SCRATCH
from packaging.trouble import ROOT, fail, run

# Shell, as the programs name it: file name of a program's completions.
SHELLS = {"bash": "{}", "zsh": "_{}", "fish": "{}.fish"}
DOCUMENTS = ("README.md", "CHANGELOG.md", "CITATION.cff", "SECURITY.md", "CONTRIBUTING.md", "NOTICE", "LICENSE")


def version():
    with open(os.path.join(ROOT, "CITATION.cff"), encoding="utf-8") as file:
        return re.search(r"^version: (\S+)$", file.read(), re.M)[1]


@functools.cache
def date():
    """Of the commit that is packaged, in seconds since 1970: the same commit gives the same bytes."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or run("git", "log", "-1", "--format=%ct"))


def manuals(programs, folder):
    """One page for each program and each of its commands: indexer.1, indexer-build.1 …"""
    os.makedirs(folder)
    for program in PROGRAMS:
        manual.write(os.path.join(programs, program), folder, version(), date())


def completions(programs, folders):
    """`folders`: {shell: folder}."""
    for shell, name in SHELLS.items():
        os.makedirs(folders[shell])
        for program in PROGRAMS:
            script = run(os.path.join(programs, program), "--generate-completion-script", shell)
            with open(os.path.join(folders[shell], name.format(program)), "w", encoding="utf-8") as file:
                # Read by a shell, not run by the system: no interpreter in the first line (zsh's says #compdef).
                file.write(re.sub(r"\A#!.*\n", "", script))


def share(folder):
    """The bundled model and the samples, to try everything on."""
    for name in ("models/mini", "samples"):
        shutil.copytree(os.path.join(ROOT, name), os.path.join(folder, name))


def documents(folder):
    os.makedirs(folder, exist_ok=True)
    for name in DOCUMENTS:
        shutil.copyfile(os.path.join(ROOT, name), os.path.join(folder, name))
    shutil.copytree(os.path.join(ROOT, "docs"), os.path.join(folder, "docs"))


def licences(folder, libraries):
    """The licence of everything that is not Polylex's own and is in the package.

    `libraries`: paths of archives and shared libraries; Debian's copyright file of the package each belongs to is
    taken.
    """
    os.makedirs(folder)
    packages = {}
    for path in libraries:
        if path.startswith(SCRATCH) or "/swift" in path:
            continue
        owner = run("dpkg", "-S", path).split(":")[0]
        packages.setdefault(owner, []).append(os.path.basename(path))
    # swift-foundation carries ICU, whose licence Debian states in this package.
    packages.setdefault("libicu72", []).append("lib_FoundationICU.a")
    for package, names in sorted(packages.items()):
        source = f"/usr/share/doc/{package}/copyright"
        if not os.path.exists(source):
            fail(f"{source}: no such file, so the licence of {', '.join(names)} is unknown")
        shutil.copyfile(source, os.path.join(folder, package + ".txt"))
    swift = os.path.join(os.path.dirname(shutil.which("swift")), "..", "share", "swift", "LICENSE.txt")
    shutil.copyfile(swift, os.path.join(folder, "swift.txt"))
    parser = os.path.join(SCRATCH, "checkouts", "swift-argument-parser", "LICENSE.txt")
    shutil.copyfile(parser, os.path.join(folder, "swift-argument-parser.txt"))
    shutil.copyfile(
        os.path.join(SCRATCH, "checkouts", "FlyingFox", "LICENSE"), os.path.join(folder, "flyingfox.txt"))
    shutil.copyfile(
        os.path.join(SCRATCH, "checkouts", "swift-log", "LICENSE.txt"), os.path.join(folder, "swift-log.txt"))
    # Of libyaml, too, which Yams carries without a text of its own.
    shutil.copyfile(os.path.join(SCRATCH, "checkouts", "Yams", "LICENSE"), os.path.join(folder, "yams.txt"))
    lines = [f"{package}.txt: {', '.join(sorted(names))}" for package, names in sorted(packages.items())]
    lines += ["swift.txt: the Swift library, Foundation, Dispatch", "swift-argument-parser.txt: ArgumentParser",
        "flyingfox.txt: FlyingSocks", "swift-log.txt: Logging", "yams.txt: Yams, libyaml"]
    with open(os.path.join(folder, "README"), "w", encoding="utf-8") as file:
        file.write("What is in these programs or beside them and is not Polylex's own:\n\n" + "\n".join(lines) + "\n")
    return packages
