"""Builders beside readers and a collector of garbage: every answer is one of those the store's states can give."""

import collections
import hashlib
import itertools
import json
import os
import random
import shutil
import threading
import time

from . import truth
from .tally import Tally

WORDS = ("und", "nicht", "Haus", "Wasser")


class _Questions:
    """What readers ask, and how an answer becomes comparable parts: {part: value}."""

    def __init__(self, programs, inputs):
        self.programs, self.inputs = programs, inputs

    def commands(self, store, file):
        command = self.programs.command
        options = ("--store", store, "--json", "--threads", "1")
        return {
            "translate": command("query", "translate", *options, "--from", "de", "--to", "en", "--layer", "1", *WORDS),
            "bli": command("query", "bli", *options, "--dictionaries", self.inputs.dictionaries, "--quiet"),
            "xlsim": command("query", "xlsim", *options, "--pairs", self.inputs.similarity, "--quiet"),
            "export": command(
                "indexer", "export", "--store", store, "--checkpoint", "mini", "--collection", "words/de", "--layer",
                "1",
                "--out", file, "--quiet"),
            "list": command("indexer", "list", "--store", store, "--json"),
            "verify": command("indexer", "verify", "--store", store),
            "leaderboard": command("query", "leaderboard", "--store", store),
        }

    @staticmethod
    def parts(kind, outcome, file):
        if kind == "export":
            with open(file, "rb") as exported:
                return {"file": hashlib.sha256(exported.read()).hexdigest()}
        if kind == "translate":
            # Each word is a question of its own, and what builders do between two questions is no fault of either
            # answer.
            return {row["query"]: json.dumps(truth.without_clocks(row), sort_keys=True)
                for row in _answers(outcome.output)}
        if kind in ("bli", "xlsim"):
            return {
                (row["dataset"], row["pair"], row["layer"]): json.dumps(truth.without_clocks(row), sort_keys=True)
                for row in _answers(outcome.output)}
        return {}


def _answers(text):
    return [row for document in _documents(text) for row in (document if isinstance(document, list) else [document])]


def _documents(text):
    return [json.loads(line) for line in text.split("\n") if line.strip()]


class _Builders:
    def __init__(self, programs, inputs):
        self.programs, self.inputs = programs, inputs

    def command(self, store, states):
        arguments = ["build", "--store", store, "--checkpoint", f"mini={self.inputs.model}", "--quiet", "--threads",
            "1"]
        for language, state in zip(self.inputs.languages, states):
            arguments += ["--vocabulary", f"{language}={self.inputs.folder}/{state}/{language}.txt"]
        return self.programs.command("indexer", *arguments)


def _truths(questions, builders, folder):
    """Every part of every answer in each of the states collections can be in: {(kind, part): {values}}."""
    found = collections.defaultdict(set)
    languages = questions.inputs.languages
    for states in itertools.product(("first", "second"), repeat=len(languages)):
        store, file = f"{folder}/truth", f"{folder}/truth.npy"
        shutil.rmtree(store, ignore_errors=True)
        commands = questions.commands(store, file)
        for command in (builders.command(store, states), *(commands[kind] for kind in ("translate", "export", "bli",
            "xlsim"))):
            outcome = questions.programs.run(command)
            if outcome.status != 0:
                raise SystemExit(f"faults: cannot make the truth: {' '.join(command)}: {outcome}")
            for kind in commands:
                if command is commands[kind]:
                    for part, value in questions.parts(kind, outcome, file).items():
                        found[kind, part].add(value)
    return found


def campaign(programs, inputs, folder, seed, seconds, readers=10, builders=2):
    os.makedirs(folder, exist_ok=True)
    questions, building = _Questions(programs, inputs), _Builders(programs, inputs)
    truths = _truths(questions, building, folder)
    store = f"{folder}/shared"
    programs.run(building.command(store, ("first",) * len(inputs.languages)))
    tally, lock = Tally("builders beside readers"), threading.Lock()
    end = time.monotonic() + seconds

    def goes_on():
        return time.monotonic() < end and not Tally.is_stopped

    def note(kind, outcome, allowed=(0, 75)):
        with lock:
            tally.tried += 1
            tally.end(kind, outcome.status)
            if outcome.status not in allowed:
                tally.find("status", kind, f"{outcome} {outcome.output[-200:]}")

    def build(number):
        for turn in itertools.count():
            if not goes_on():
                return
            state = ("first", "second")[(turn + number) % 2]
            note("build", programs.run(building.command(store, (state,) * len(inputs.languages)), seconds=300))

    def collect():
        while goes_on():
            note("gc", programs.run(
                programs.command("indexer", "gc", "--store", store, "--quiet", "--work-age", "0"), seconds=300))

    def read(number):
        numbers, file = random.Random(f"reader {seed} {number}"), f"{folder}/reader{number}.npy"
        commands = questions.commands(store, file)
        kinds = ("translate", "translate", "bli", "bli", "xlsim", "export", "list", "verify", "leaderboard")
        while goes_on():
            kind = numbers.choice(kinds)
            outcome = programs.run(commands[kind], seconds=300)
            # Before the first result there is nothing to show.
            note(kind, outcome, (0, 75, 66) if kind == "leaderboard" else (0, 75))
            if outcome.status != 0:
                continue
            for part, value in questions.parts(kind, outcome, file).items():
                if value not in truths[kind, part]:
                    with lock:
                        tally.find("wrong answer", f"{kind} {part}", value[:300])

    threads = [threading.Thread(target=build, args=(number,)) for number in range(builders)]
    threads += [threading.Thread(target=read, args=(number,))
        for number in range(readers)] + [threading.Thread(target=collect)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _after(tally, questions, store)
    return tally.close()


def _after(tally, questions, store):
    """A store nobody works in: sound, and what it remembers is what it computes."""
    commands = questions.commands(store, "")
    verified = questions.programs.run(commands["verify"])
    if verified.status != 0:
        tally.find("torn", "at the end", f"{verified} {verified.output[-300:]}")
    for kind in ("bli", "xlsim"):
        kept = questions.programs.run(commands[kind])
        computed = questions.programs.run(commands[kind] + ["--recompute"])
        different = truth.differences(
            {str(part): value for part, value in questions.parts(kind, computed, "").items()},
            {str(part): value for part, value in questions.parts(kind, kept, "").items()})
        if kept.status or computed.status or different:
            tally.find("wrong result kept", kind, f"{kept} {computed} {different}")
