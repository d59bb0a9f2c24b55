"""Jobs that are disturbed: what stands before, the command, the command that goes on, and what must be there in the
end."""

import os
import shutil

from . import truth


class Scenario:
    """`place` is the one folder the job works in; it is made anew for each case, always under the same path."""

    def __init__(self, programs, inputs, folder, name):
        self.programs, self.inputs, self.name = programs, inputs, name
        self.place = os.path.join(folder, name)
        self.prepared = self.place + ".prepared"
        self.store, self.out = os.path.join(self.place, "store"), os.path.join(self.place, "out")
        self.file = os.path.join(self.place, "file")
        setup, self.command, self.again, self.kind = getattr(self, "_" + name.replace("-", "_"))()
        os.makedirs(self.place)
        for command in setup:
            outcome = programs.run(command)
            if outcome.status != 0:
                raise SystemExit(f"faults: cannot prepare {name}: {outcome}")
        shutil.move(self.place, self.prepared)
        self.begin()
        self.operations = programs.operations(self.command, self.place)
        self.expected = self.result()

    def begin(self):
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(self.prepared, self.place)

    def result(self):
        """What is there, after garbage was collected."""
        if self.kind == "store":
            self.programs.run(
                self.programs.command("indexer", "gc", "--store", self.store, "--work-age", "0", "--quiet"))
            return truth.store(self.programs, self.store)
        return truth.run(self.out) if self.kind == "run" else truth.one(self.file)

    def soundness(self):
        """`indexer verify`: None when the store is sound or not there yet, else what it says."""
        if self.kind != "store" or not os.path.isdir(self.store):
            return None
        outcome = self.programs.run(self.programs.command("indexer", "verify", "--store", self.store))
        return None if outcome.status in (0, 66) else f"{outcome} {outcome.output[-300:]}"

    def leftovers(self):
        """Files that were being written, anywhere."""
        return sorted(
            os.path.relpath(os.path.join(folder, name), self.place)
            for folder, _, names in os.walk(self.place) for name in names
            if name.endswith((".partial", ".replaced", ".spool")))

    # The jobs.

    def _same(self, setup, command, kind="store"):
        return setup, command, command, kind

    def _build(self):
        return self._same([], self.inputs.build(self.programs, self.store))

    def _build_changed(self):
        return self._same(
            [self.inputs.build(self.programs, self.store)], self.inputs.build(self.programs, self.store, "second"))

    def _build_sq8(self):
        return self._same([], self.inputs.build(self.programs, self.store, "first", "--codec", "sq8"))

    def _build_hnsw(self):
        return self._same([], self.inputs.build(self.programs, self.store, "first", "--codec", "hnsw"))

    def _remove(self):
        return self._same(
            [self.inputs.build(self.programs, self.store, "first", "--checkpoint", f"tiny={self.inputs.tiny}")],
            self.programs.command("indexer", "remove", "--store", self.store, "--checkpoint", "tiny"))

    def _gc(self):
        return self._same(
            [self.inputs.build(self.programs, self.store), self.inputs.build(self.programs, self.store, "second")],
            self.programs.command("indexer", "gc", "--store", self.store, "--work-age", "0", "--quiet"))

    def _bli(self):
        return self._same(
            [self.inputs.build(self.programs, self.store)],
            self.programs.command(
                "query", "bli", "--store", self.store, "--dictionaries", self.inputs.dictionaries, "--csv", self.file,
                "--quiet",
                "--threads", "1"))

    def _train(self, *more):
        begin = self.inputs.specialize(self.programs, self.out, *more)
        return [], begin, begin + ["--resume"], "run"

    def _train_full(self):
        return self._train("--dropout", "0.1", "--warmup", "0.1", "--seed", "7")

    def _train_adapter(self):
        return self._train("--method", "adapter")

    def _train_words(self):
        begin = self.inputs.specialize(self.programs, self.out, "--piece-dropout", "0.2", validate=False)
        return [], begin, begin + ["--resume"], "run"

    def _sample(self):
        return self._same(
            [], self.programs.command(
                "train", "sample", self.inputs.constraints, "--out", self.file, "--size", "30", "--quiet"), "file")
