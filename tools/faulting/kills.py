"""Kills at exact file operations: nothing torn between, the same bytes in the end."""

import random

from . import truth
from .scenarios import Scenario
from .tally import Tally

NAMES = ("build", "train-full", "build-changed", "train-adapter", "remove", "build-sq8", "train-words", "build-hnsw",
    "gc", "bli")


def campaign(programs, inputs, folder, seed, cases=None, seconds=None):
    """SIGKILL before or after the n-th operation, one to three times, then an undisturbed run to the end."""
    tally, numbers = Tally("kills", cases, seconds), random.Random(f"kills {seed}")
    scenarios = {}
    while not tally.is_done:
        name = NAMES[tally.tried % len(NAMES)] if cases else numbers.choice(NAMES)
        if name not in scenarios:
            scenarios[name] = Scenario(programs, inputs, folder, name)
        _case(tally, scenarios[name], numbers)
    return tally.close()


def _case(tally, scenario, numbers):
    scenario.begin()
    moments = []
    for attempt in range(numbers.choice((1, 1, 2, 3))):
        at, moment = numbers.randint(1, len(scenario.operations)), numbers.choice(("9", "9+"))
        moments.append(f"{at}{'+' if moment == '9+' else ''}")
        command = scenario.again if attempt else scenario.command
        outcome = scenario.programs.run(command, scenario.place, at=at, do=moment)
        tally.tried += 1
        tally.end("", "killed" if outcome.status == -9 else "ended before" if outcome.status == 0 else outcome.status)
        where = f"{scenario.name} killed at {', '.join(moments)}"
        if outcome.status not in (0, -9) and not _is_gone(scenario, outcome):
            tally.find("status", where, str(outcome))
        unsound = scenario.soundness()
        if unsound:
            tally.find("torn", where, unsound)
    finish(tally, scenario, where)


def finish(tally, scenario, where):
    """The undisturbed run, and what is there after it."""
    outcome = scenario.programs.run(scenario.again)
    if outcome.status != 0 and not _is_gone(scenario, outcome):
        tally.find("not resumed", where, str(outcome))
        return
    unsound = scenario.soundness()
    if unsound:
        tally.find("torn", where, unsound)
    different = truth.differences(scenario.expected, scenario.result())
    if different:
        tally.find("different", where, "; ".join(different))
    left = scenario.leftovers()
    if left:
        tally.find("left over", where, ", ".join(left[:5]))


def _is_gone(scenario, outcome):
    """What was to be removed is removed already."""
    return scenario.name == "remove" and outcome.status == 66
