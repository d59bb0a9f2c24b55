"""Kills over a plan's shards and their merge: whatever is killed and queued again, the merged store is the one that a
single build makes."""

import os
import random
import shutil

from .kills import finish
from .scenarios import Scenario
from .tally import Tally

SHARDS = 4
MERGES = ("--link", "--copy", "--move")
# Before the n-th file operation, after it, or asked to stop there as Slurm does before the time is up.
MOMENTS = {"9": -9, "9+": -9, "15": 75}
NAMED = {"9": "", "9+": "+", "15": " by SIGTERM"}


class _Plan(Scenario):
    """`place` holds the plan's folder, with its shards, and the store they are merged into; `again` is the merge that a
    case ends with."""

    name, kind = "shards", "store"

    def __init__(self, programs, inputs, folder):
        # A job of several commands, of which none is the one that is disturbed: nothing of Scenario's beginning fits.
        self.programs = programs
        self.place = os.path.join(folder, self.name)
        self.prepared = self.place + ".prepared"
        self.plan, self.store = os.path.join(self.place, "plan"), os.path.join(self.place, "store")
        self.again = None
        os.makedirs(self.place)
        what = ["--checkpoint", f"mini={inputs.model}", "--checkpoint", f"tiny={inputs.tiny}", "--vocabularies",
            inputs.first, "--sentences", inputs.sentences]
        self._must(programs.command("indexer", "build", "--store", self.store, *what, "--threads", "1", "--quiet"))
        self.expected = self.result()
        shutil.rmtree(self.store)
        self._must(programs.command("indexer", "plan", "--out", self.plan, "--shards", str(SHARDS), *what, "--quiet"))
        shutil.copytree(self.place, self.prepared)
        self.operations = {
            shard: len(programs.operations(self.build(shard), self.place)) for shard in range(SHARDS)}
        built = self.place + ".built"
        shutil.move(self.place, built)
        for merge in MERGES:
            shutil.copytree(built, self.place)
            self.operations[merge] = len(programs.operations(self.merge(merge), self.place))
            shutil.rmtree(self.place)
        shutil.rmtree(built)

    def _must(self, command):
        outcome = self.programs.run(command)
        if outcome.status != 0:
            raise SystemExit(f"faults: cannot prepare shards: {outcome}")

    def build(self, shard):
        return self.programs.command(
            "indexer", "build", "--plan", self.plan, "--shard", str(shard), "--threads", "1", "--quiet")

    def merge(self, how):
        return self.programs.command(
            "indexer", "merge", "--plan", self.plan, "--store", self.store, how, "--quiet")


def campaign(programs, inputs, folder, seed, cases=None, seconds=None):
    """Shards in any order, each disturbed up to three times; merges too early; a disturbed merge; the comparison."""
    tally, numbers = Tally("shards", cases, seconds), random.Random(f"shards {seed}")
    plan = _Plan(programs, inputs, folder)
    while not tally.is_done:
        plan.begin()
        _case(tally, plan, numbers)
    return tally.close()


def _case(tally, plan, numbers):
    story = []
    waiting = {shard: numbers.choice((0, 1, 1, 2, 3)) for shard in range(SHARDS)}
    how = numbers.choice(MERGES)
    while waiting:
        # Nothing was missing after all: what was moved away is no shard any more.
        if numbers.random() < 0.1 and _merge_early(tally, plan, how, story) and how == "--move":
            break
        shard = numbers.choice(sorted(waiting))
        if waiting[shard]:
            waiting[shard] -= 1
            _disturb(tally, plan, numbers, story, shard, plan.build(shard), f"shard {shard}")
            if _is_shard_torn(tally, plan, shard, story):
                return
            continue
        outcome = plan.programs.run(plan.build(shard))
        if outcome.status != 0:
            return tally.find("not resumed", _told(story, f"shard {shard}"), str(outcome))
        if _is_shard_torn(tally, plan, shard, story, allowed=(0,)):
            return
        # Sometimes it is queued again though it is whole.
        if numbers.random() < 0.8:
            del waiting[shard]
    for _ in range(numbers.choice((1, 1, 2, 3))):
        _disturb(tally, plan, numbers, story, how, plan.merge(how), f"merge {how}")
        _check_store(tally, plan, story)
    plan.again = plan.merge(how)
    finish(tally, plan, _told(story, f"merge {how}"))


def _disturb(tally, plan, numbers, story, key, command, name):
    at, moment = numbers.randint(1, plan.operations[key]), numbers.choice(sorted(MOMENTS))
    outcome = plan.programs.run(command, plan.place, at=at, do=moment)
    story.append(f"{name} at {at}{NAMED[moment]}")
    tally.tried += 1
    ended = {-9: "killed", 75: "stopped with 75", 0: "ended before"}.get(outcome.status, outcome.status)
    tally.end(name.split()[0], ended)
    if outcome.status not in (0, MOMENTS[moment]):
        tally.find("status", _told(story), str(outcome))


def _merge_early(tally, plan, how, story):
    """While shards are missing a merge says so, and leaves the store as it was. -> whether none was missing."""
    outcome = plan.programs.run(plan.merge(how))
    story.append(f"early merge {how}")
    tally.end("early merge", outcome.status)
    if outcome.status not in (0, 75):
        tally.find("status", _told(story), str(outcome))
    _check_store(tally, plan, story)
    return outcome.status == 0


def _is_shard_torn(tally, plan, shard, story, allowed=(0, 66)):
    outcome = plan.programs.run(
        plan.programs.command("indexer", "verify", "--plan", plan.plan, "--shard", str(shard)))
    if outcome.status not in allowed:
        tally.find("torn", _told(story, f"verify --shard {shard}"), f"{outcome} {outcome.output[-300:]}")
    return outcome.status not in allowed


def _check_store(tally, plan, story):
    unsound = plan.soundness()
    if unsound:
        tally.find("torn", _told(story, "verify"), unsound)


def _told(story, last=None):
    return ", ".join(story + ([last] if last else []))
