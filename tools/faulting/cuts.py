"""Power cuts: what a disk may hold after any operation of a job is sound, and the next run ends with the same bytes."""

import os
import random
import shutil

from . import disk
from .kills import finish
from .scenarios import Scenario
from .tally import Tally

NAMES = ("build", "train-full", "build-changed", "bli", "train-adapter", "gc", "remove")


class _Traced:
    """A scenario and everything its command did."""

    def __init__(self, programs, inputs, folder, name):
        self.scenario = Scenario(programs, inputs, folder, name)
        self.scenario.begin()
        trace = os.path.join(folder, name + ".trace")
        environment = programs.environment()
        environment.update(LD_PRELOAD=programs.tracer, FAULTS_ROOT=self.scenario.place, FAULTS_TRACE=trace)
        outcome = programs.run(self.scenario.command, variables=environment)
        if outcome.status != 0:
            raise SystemExit(f"faults: the traced run failed: {outcome}")
        self.operations = disk.read_trace(trace)

    def lay_out(self, count, rule, draw):
        """What is there when the power goes after `count` operations."""
        self.scenario.begin()
        state = disk.Disk(self.scenario.place)
        # Inodes are those of the traced run: files that were there before have others now.
        names = {path: inode for path, inode in state.seen.names.items()}
        translated = self._translated(names)
        for operation in translated[:count]:
            state.apply(operation)
        shutil.rmtree(self.scenario.place)
        state.lay_out(self.scenario.place, rule, draw)

    def _translated(self, names):
        """The operations with the inodes of the files that lie here: the first operation on a file that was there
        names it."""
        known, made, result = {}, set(), []
        current = dict(names)
        for what, path, other, inode, offset, data in self.operations:
            if what == "create":
                made.add(inode)
                known.pop(inode, None)
            elif inode and inode not in made and inode not in known and path in current:
                known[inode] = current[path]
            if what == "rename" and path in current:
                current[other] = current.pop(path)
            result.append((what, path, other, known.get(inode, -inode if inode in made else inode), offset, data))
        return result


def campaign(programs, inputs, folder, seed, cases=None, seconds=None):
    tally, draw = Tally("power cuts", cases, seconds), random.Random(f"cuts {seed}")
    traced = {}
    while not tally.is_done:
        name = NAMES[tally.tried % len(NAMES)] if cases else draw.choice(NAMES)
        if name not in traced:
            traced[name] = _Traced(programs, inputs, folder, name)
        job, rule = traced[name], draw.choice(disk.RULES)
        count = draw.randint(0, len(job.operations))
        job.lay_out(count, rule, draw)
        tally.tried += 1
        tally.end("", rule)
        last = job.operations[count - 1][:3] if count else ("nothing",)
        where = f"{name}: {rule}, power cut after {count} ({' '.join(last).strip()})"
        unsound = job.scenario.soundness()
        if unsound:
            tally.find("torn", where, unsound)
        finish(tally, job.scenario, where)
    return tally.close()
