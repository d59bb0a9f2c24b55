"""SIGTERM and SIGINT at exact file operations: status 75 with everything saved, or 0 when it came too late."""

import random

from .kills import finish
from .scenarios import Scenario
from .tally import Tally

NAMES = ("train-full", "build", "train-adapter", "bli", "build-changed", "sample")


def campaign(programs, inputs, folder, seed, cases=None, seconds=None):
    tally, numbers = Tally("stop signals", cases, seconds), random.Random(f"signals {seed}")
    scenarios = {}
    while not tally.is_done:
        name = NAMES[tally.tried % len(NAMES)] if cases else numbers.choice(NAMES)
        if name not in scenarios:
            scenarios[name] = Scenario(programs, inputs, folder, name)
        scenario = scenarios[name]
        scenario.begin()
        # Reads count too: a program that only reads must stop as well.
        operations = scenario.operations
        at, number = numbers.randint(1, len(operations)), numbers.choice((15, 2))
        outcome = programs.run(scenario.command, scenario.place, at=at, do=number)
        tally.tried += 1
        tally.end("", outcome.status)
        where = f"{name}: signal {number} at {at} ({' '.join(operations[at - 1])})"
        if outcome.status not in (0, 75) or (outcome.status == 75 and "stopped" not in outcome.errors):
            tally.find("status", where, str(outcome))
        finish(tally, scenario, where)
    return tally.close()
