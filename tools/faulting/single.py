"""Single faults: the n-th file operation fails, or is cut short. The status says so, nothing is lost, the next run
mends it."""

import errno
import random

from .kills import finish
from .scenarios import Scenario
from .tally import Tally

NAMES = ("build", "train-full", "bli", "build-changed", "train-adapter", "gc", "remove", "sample", "build-hnsw")

# What fails, with which operations: full disk, broken device, no more descriptors, part of a write.
FAULTS = (
    ("fail", errno.ENOSPC, "wsntc"), ("fail", errno.EIO, "wsntc"), ("fail", errno.EIO, "r"),
    ("fail", errno.EMFILE, "co"),
    ("fail", errno.ENOMEM, "m"), ("short", errno.ENOSPC, "w"), ("fail", errno.EACCES, "nco"))


def campaign(programs, inputs, folder, seed, cases=None, seconds=None):
    tally, numbers = Tally("single faults", cases, seconds), random.Random(f"faults {seed}")
    scenarios, counts = {}, {}
    while not tally.is_done:
        name = NAMES[tally.tried % len(NAMES)] if cases else numbers.choice(NAMES)
        if name not in scenarios:
            scenarios[name] = Scenario(programs, inputs, folder, name)
        scenario, (do, code, kinds) = scenarios[name], numbers.choice(FAULTS)
        if (name, kinds) not in counts:
            scenario.begin()
            counts[name, kinds] = programs.operations(scenario.command, scenario.place, kinds)
        operations = counts[name, kinds]
        if operations:
            _case(tally, scenario, numbers.randint(1, len(operations)), do, code, kinds)
    return tally.close()


def _case(tally, scenario, at, do, code, kinds):
    scenario.begin()
    log = scenario.place + ".log"
    open(log, "w").close()
    outcome = scenario.programs.run(
        scenario.command, scenario.place, at=at, do=do, errno=code, kinds=kinds, log=log)
    tally.tried += 1
    with open(log, encoding="utf-8", errors="replace") as file:
        hit = next((line.rstrip("\n").split("\t") for line in file if line.startswith(f"{at}\t")), None)
    fault = errno.errorcode[code] if do == "fail" else do
    what = f"{scenario.name}: {fault} at {at} ({' '.join(hit[2:]) if hit else 'not reached'})"
    tally.end("", outcome.status)
    # A fault may be of no consequence (removing what is removed again later, a map tried smaller): then all is done.
    if outcome.status not in (0, 74):
        tally.find("status", what, str(outcome))
    if outcome.status != 0 and len(outcome.lines) != 1:
        tally.find("message", what, str(outcome))
    unsound = scenario.soundness()
    if unsound:
        tally.find("torn", what, unsound)
    finish(tally, scenario, what)
