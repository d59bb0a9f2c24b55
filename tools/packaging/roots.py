"""Bare systems that packages are tried in: Debian 12 from debootstrap, and programs run inside it with bwrap."""

import fnmatch
import os
import shutil
import sys
import tarfile

from packaging.trouble import ROOT, fail, require, run

RELEASE = "bookworm"


class Place:
    """A root and the folder of the package's programs, as it is named inside."""

    def __init__(self, root, programs):
        self.root, self.programs = root, programs

    def find(self, pattern):
        """Paths of files below the root whose name matches; devices and /proc are not there."""
        return [os.path.join(base, name) for base, _, names in os.walk(self.root)
            for name in fnmatch.filter(names, pattern)]

    def words(self, seen, folder=None):
        """The command line of bwrap: the root, no network, this project to read and the folders `seen` to write."""
        words = ["bwrap", "--bind", self.root, "/", "--dev", "/dev", "--proc", "/proc", "--ro-bind", ROOT, ROOT]
        for path in seen:
            words += ["--bind", path, path]
        return words + ["--unshare-all", "--die-with-parent", "--chdir", folder or ROOT]

    def wrappers(self, names, folder, seen):
        """Writes programs to `folder` that run those of the package inside the root. -> folder"""
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in self.words(seen, "@"))
                file.write("#!/bin/sh\nexec " + quoted.replace("'@'", '"$PWD"')
                           + f" '{os.path.join(self.programs, name)}' \"$@\"\n")
            os.chmod(path, 0o755)
        return folder


def debian(work):
    """-> a minimal Debian, made once."""
    place = os.path.join(work, RELEASE)
    if not os.path.exists(os.path.join(place, ".complete")):
        require("debootstrap", "debootstrap")
        if os.geteuid() != 0:
            fail("debootstrap needs root")
        shutil.rmtree(place, ignore_errors=True)
        run("debootstrap", "--variant=minbase", RELEASE, place)
        open(os.path.join(place, ".complete"), "w").close()
    return place


def prepare(package, work, root=None):
    """A fresh root with the package in it. -> Place"""
    require("bwrap", "bubblewrap")
    place = os.path.join(work, "root")
    run("rm", "-rf", place)
    run("cp", "-a", "--reflink=auto", root or debian(work), place)
    name = os.path.basename(package)
    if name.endswith(".tar.gz"):
        return Place(place, unpack(package, place))
    if name.endswith(".deb"):
        return Place(place, install(package, place))
    if name.endswith(".whl"):
        return Place(place, install_wheel(package, place))
    fail(f"{name}: expected a .tar.gz, a .deb or a .whl")


def unpack(package, place):
    target = os.path.join(place, "opt")
    os.makedirs(target, exist_ok=True)
    with tarfile.open(package) as archive:
        first = archive.getmembers()[0].name
        archive.extractall(target, filter="data")
    return f"/opt/{first}/bin"


def install(package, place):
    """With apt, which brings what the package depends on and nothing else."""
    name = os.path.basename(package)
    shutil.copyfile(package, os.path.join(place, name))
    apt(place, "/" + name)
    return "/usr/bin"


def install_wheel(package, place):
    """In a fresh virtual environment of Debian's Python; what the wheel needs is fetched beforehand."""
    apt(place, "python3-venv")
    wheels = os.path.join(place, "wheels")
    run(
        sys.executable, "-m", "pip", "download", "--dest", wheels, "--only-binary=:all:", "--python-version", "3.11",
        "--platform", "manylinux_2_28_x86_64", "--platform", "manylinux2014_x86_64", "--platform",
        "manylinux_2_35_x86_64", package)
    # Nothing of this machine's settings for Python and pip.
    clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
    run("chroot", place, "python3", "-m", "venv", "/opt/venv", env=clean)
    run(
        "chroot", place, "/opt/venv/bin/pip", "install", "--no-index", "--find-links", "/wheels", "polylex", env=clean)
    return "/opt/venv/bin"


def apt(place, *names):
    # Hosts are looked up as on this machine.
    shutil.copyfile("/etc/resolv.conf", os.path.join(place, "etc", "resolv.conf"))
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run("chroot", place, "apt-get", "update", env=quiet)
    run("chroot", place, "apt-get", "install", "-y", "--no-install-recommends", *names, env=quiet)
