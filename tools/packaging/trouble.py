"""What a run of tools/package says, and how it ends when something is amiss."""

import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def say(message):
    print(f"package: {message}", flush=True)


def fail(message):
    print(f"package: {message}", file=sys.stderr)
    sys.exit(1)


def require(program, package):
    """Ends the run when `program` is not on PATH; `package` is the Debian package that has it."""
    if shutil.which(program) is None:
        fail(f"no {program} on PATH: apt-get install {package}")


def run(*words, cwd=ROOT, env=None):
    """Runs a command; ends the run with its messages when it fails. -> what it printed."""
    result = subprocess.run(words, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if result.returncode:
        # swift build writes its errors to standard output.
        messages = (result.stdout + result.stderr).decode("utf-8", "replace").strip()
        fail(f"{' '.join(words)} exited with {result.returncode}:\n{messages}")
    return result.stdout.decode("utf-8", "replace")
