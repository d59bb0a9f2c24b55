"""Python environments with packages that only a check needs; kept in .build, and made once."""

import os
import subprocess
import sys
import venv

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class CannotInstall(Exception):
    """Why packages cannot be had here."""


def with_packages(name, *packages):
    """-> the bin folder of .build/NAME, an environment with these packages ("moto[server]==5.2.1").

    Raises CannotInstall.
    """
    folder = f"{ROOT}/.build/{name}"
    mark = f"{folder}/packages"
    wanted = "\n".join(packages)
    if not os.path.exists(mark) or open(mark).read() != wanted:
        venv.create(folder, clear=True, with_pip=True)
        result = subprocess.run(
            [f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode:
            last = (result.stdout.strip().split("\n") or [""])[-1]
            raise CannotInstall(
                f"{', '.join(packages)} cannot be installed with Python {sys.version.split()[0]}: {last}")
        with open(mark, "w") as file:
            file.write(wanted)
    return f"{folder}/bin"
