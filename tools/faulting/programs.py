"""The programs under test, run one at a time or many, with a limit of time and of memory each."""

import os
import resource
import signal
import subprocess
import tempfile
import time

KINDS = "wsntcm"


class Outcome:
    """How a run ended: `status` is the exit status, -N for a signal, "hang" when it had to be killed."""

    def __init__(self, status, output, errors, seconds, kilobytes):
        self.status, self.output, self.errors = status, output, errors
        self.seconds, self.kilobytes = seconds, kilobytes

    @property
    def lines(self):
        return [line for line in self.errors.split("\n") if line.strip()]

    @property
    def is_crash(self):
        """A signal, a status of a shell, a defect the program itself admits, a hang."""
        return self.status == "hang" or self.status < 0 or self.status >= 128 or self.status == 70

    def __str__(self):
        return f"status {self.status}: {' | '.join(self.lines)[-300:]}"


class Programs:
    def __init__(self, folder, checkout, scratch):
        self.folder, self.checkout, self.scratch = folder, checkout, scratch
        for name in ("train", "indexer", "query"):
            if not os.access(os.path.join(folder, name), os.X_OK):
                raise SystemExit(
                    f"faults: {folder}/{name}: no such program; build with 'swift build -c release' or name --programs")
        self._compiled = {}

    def command(self, program, *arguments):
        return [os.path.join(self.folder, program), *map(str, arguments)]

    @property
    def shim(self):
        return self._library("shim")

    @property
    def tracer(self):
        return self._library("trace")

    def _library(self, name):
        """A C file of this folder, compiled."""
        if name not in self._compiled:
            path = os.path.join(self.scratch, name + ".so")
            source = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".c")
            compiler = os.environ.get("CC", "cc")
            subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", path, source, "-ldl"], check=True)
            self._compiled[name] = path
        return self._compiled[name]

    def environment(self, root=None, **shim):
        """The environment of a run; with `root` the shim is loaded: at, do, errno, kinds, log."""
        variables = dict(os.environ, SWIFT_BACKTRACE="enable=no", COLUMNS="100")
        variables.pop("POLYLEX_STORE", None)
        if root:
            variables["LD_PRELOAD"] = self.shim
            variables["FAULTS_ROOT"] = root
            variables.update({f"FAULTS_{key.upper()}": str(value) for key, value in shim.items()})
        return variables

    def run(self, command, root=None, stdin=b"", seconds=60, variables=None, **shim):
        """Runs to the end. Nothing of it stays in memory here but its last 100 KB of text."""
        with tempfile.TemporaryFile(dir=self.scratch) as out, tempfile.TemporaryFile(dir=self.scratch) as err, \
                tempfile.TemporaryFile(dir=self.scratch) as given:
            given.write(stdin)
            given.seek(0)

            def prepare():
                os.setpgid(0, 0)
                # What a shell started in the background ignores, its children would ignore too.
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

            began = time.monotonic()
            process = subprocess.Popen(
                command, stdin=given, stdout=out, stderr=err, env=variables or self.environment(root, **shim),
                preexec_fn=prepare)
            status, usage = _wait(process, began + seconds)
            texts = []
            for file in (out, err):
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - 100_000))
                texts.append(file.read().decode("utf-8", "replace"))
            return Outcome(status, *texts, time.monotonic() - began, usage)

    def operations(self, command, root, kinds=KINDS, stdin=b""):
        """The file operations below `root` of an undisturbed run: [(kind, name, path)]."""
        log = os.path.join(self.scratch, f"operations-{os.getpid()}")
        if os.path.exists(log):
            os.unlink(log)
        outcome = self.run(command, root, stdin=stdin, at=0, kinds=kinds, log=log)
        if outcome.status != 0:
            raise SystemExit(f"faults: the undisturbed run failed: {' '.join(command)}\n{outcome}")
        with open(log, encoding="utf-8", errors="replace") as file:
            return [tuple(line.rstrip("\n").split("\t")[1:4]) for line in file]


def _wait(process, deadline):
    """-> status, peak kilobytes. Polls: there is one thing to wait for, and it takes milliseconds."""
    pause = 0.001
    while True:
        pid, code, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(code)
            return process.returncode, usage.ru_maxrss
        if time.monotonic() > deadline:
            process.kill()
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = -9
            return "hang", usage.ru_maxrss
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)
