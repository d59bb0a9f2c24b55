"""A condition as commands: constraints, training, encoding, questions. Each step has a name, and is done once."""

import os
import re
from dataclasses import dataclass, field

from . import table

VALIDATION = ["en-it", "de-ru", "th-et", "ko-ka"]


class MissingData(Exception):
    """A file or folder a condition needs is not there; the text says which and where it comes from."""


@dataclass
class Step:
    name: str
    command: list
    after: list = field(default_factory=list)
    # Standard output goes here; None lets the log have it.
    output: str = None


class Plan:
    """Steps of conditions over one folder of data and one folder of work."""

    def __init__(self, conditions, data, folder, threads):
        self.conditions, self.data, self.folder, self.threads = conditions, data, folder, threads

    def place(self, *parts):
        return os.path.join(self.folder, *parts)

    def given(self, *parts, hint):
        path = os.path.join(self.data, *parts)
        if not os.path.exists(path):
            raise MissingData(f"{path}: not there; {hint}")
        return path

    def test_sets(self):
        fetch = "get it with tools/fetch evaluation"
        return [
            self.given("dictionaries", "gbli", hint=fetch),
            self.given("dictionaries", "panlex-bli", hint=fetch),
            self.given("multisimlex", hint=fetch),
        ]

    def constraints(self, name):
        """-> path of a constraints table and the steps that make it."""
        if name == "babelbert":
            return self.given("constraints", "babelbert.csv", hint="get it with tools/fetch babelbert-dataset"), []
        languages = re.fullmatch(r"(?:[a-z]{2}-)+[a-z]{2}", name)
        if languages:
            codes = name.replace("-", ",")
            mined, steps = self.mined(f"{name}.all", ["--languages", codes])
            options = ["--per-pair", "100", "--languages", codes, "--allow-short"]
        else:
            source, _, size = name.rpartition("-")
            mined, steps = self.constraints("babelbert") if source == "babelbert" else self.mined("full", [])
            if name == "full":
                return mined, steps
            found = re.fullmatch(r"(\d+)K", size)
            if not found:
                raise table.TableError(
                    f"unknown constraints '{name}': expected full, babelbert, 10K, babelbert-10K or af-de-el"
                )
            options = ["--size", found[1] + "000"]
        path = self.place("constraints", f"{name}.tsv")
        sample = Step(
            f"constraints.{name}",
            ["train", "sample", mined, "--out", path, "--seed", "1", *options],
            [step.name for step in steps],
        )
        return path, [*steps, sample]

    def mined(self, name, options):
        own = "your own, or the open ones of docs/mining.md"
        path = self.place("constraints", f"{name}.tsv")
        synsets = self.given("synsets.jsonl.gz", hint=own)
        command = [
            "train",
            "mine",
            "--synsets",
            synsets,
            "--frequencies",
            self.given("frequencies", hint=own),
            "--out",
            path,
            "--exclude",
            *self.test_sets(),
            *options,
        ]
        return path, [Step(f"constraints.{name}", command)]

    def model(self, condition, seed):
        """-> (name in the store, folder, steps that make it)"""
        if condition.made_by.startswith("same "):
            return self.model(self.conditions[condition.made_by.split()[1]], seed)
        if not condition.made_by:
            return condition.name, self.base(condition), []
        identity = f"{condition.name}.{seed}"
        folder, steps, words = self.place("models", identity), [], condition.made_by.split()
        for other in table.referred(condition):
            # The average of seeds is made of all of another condition's models.
            for number in self.conditions[other].seeds if seed is None else [seed]:
                _, path, before = self.model(self.conditions[other], number)
                words = [word if word != "{%s}" % other else path for word in words]
                steps += before
        command = ["train", *words]
        if words[0] == "specialize":
            path, before = self.constraints(condition.constraints)
            steps += before
            command = [
                "train",
                "specialize",
                "--model",
                self.base(condition),
                "--constraints",
                path,
                *self.validation(words[1:]),
                "--exclude",
                *self.test_sets(),
                "--seed",
                str(seed),
                "--threads",
                str(self.threads),
                "--resume",
            ]
        command += ["--out", folder]
        return identity, folder, [*steps, Step(f"training.{identity}", command, [step.name for step in steps])]

    def base(self, condition):
        hint = (
            "tools/convert-checkpoint and tools/fetch make and get model folders; docs/reproducing-the-paper.md "
            "says where this one comes from"
        )
        return self.given("models", condition.model, hint=hint)

    def validation(self, words):
        """--validation takes pairs here ('en-it de-ru', the paper's four without any) and becomes their training
        dictionaries.
        """
        if "--validation" not in words:
            return words
        at = words.index("--validation")
        end = next((place for place in range(at + 1, len(words)) if words[place].startswith("--")), len(words))
        files = []
        for pair in words[at + 1 : end] or VALIDATION:
            sets = [
                name
                for name in ("gbli", "panlex-bli")
                for ending in ("", ".gz")
                if os.path.exists(os.path.join(self.data, "dictionaries", name, f"{pair}.train.tsv{ending}"))
            ]
            folder = os.path.join("dictionaries", (sets or ["gbli"])[0])
            names = [f"{pair}.train.tsv", f"{pair}.train.tsv.gz"]
            there = [name for name in names if os.path.exists(os.path.join(self.data, folder, name))]
            path = self.given(folder, (there or names)[0], hint="get it with tools/fetch evaluation")
            files.append(f"{pair}={path}")
        vocabularies = self.given("vocabularies", hint="get it with tools/fetch vocabularies")
        return [*words[: at + 1], *files, "--vocabularies", vocabularies, *words[end:]]

    def languages(self, data_set):
        """Languages of a folder of dictionaries, by its files' names."""
        folder = self.given("dictionaries", data_set, hint="get it with tools/fetch evaluation")
        codes = set()
        for name in os.listdir(folder):
            found = re.fullmatch(r"([a-z]{2})-([a-z]{2})\.test\.tsv", name)
            codes |= set(found.groups()) if found else set()
        if not codes:
            raise MissingData(f"{folder}: no file xx-yy.test.tsv in it; get it with tools/fetch evaluation")
        return sorted(codes)

    def vocabulary(self, language):
        names = [f"{language}{middle}.txt{end}" for middle in ("", "_vocab") for end in ("", ".gz")]
        there = [name for name in names if os.path.exists(os.path.join(self.data, "vocabularies", name))]
        return self.given(
            "vocabularies", (there or names)[0], hint="get it with tools/fetch vocabularies"
        )

    def of(self, condition):
        """All steps of a condition, those of the conditions it is made from among them, in an order that can be run."""
        steps = []
        seeds = condition.seeds or (None,)
        for seed in seeds:
            identity, folder, before = self.model(condition, seed)
            steps += before
            source = (
                condition
                if not condition.made_by.startswith("same ")
                else self.conditions[condition.made_by.split()[1]]
            )
            for data_set in condition.sets:
                steps += self.encoding(source, identity, folder, data_set, before)
                steps.append(self.question(condition, identity, seed, data_set))
        unique = {}
        for step in steps:
            unique.setdefault(step.name, step)
        return list(unique.values())

    def encoding(self, source, identity, folder, data_set, before):
        build = [
            "indexer",
            "build",
            "--store",
            self.place("store"),
            "--checkpoint",
            f"{identity}={folder}",
            "--threads",
            str(self.threads),
        ]
        after = [step.name for step in before]
        if data_set in ("gbli", "panlex-bli"):
            return [self.words(data_set, identity, [*build, "--top", str(source.top)], self.languages(data_set), after)]
        if data_set == "xlsim":
            # What is not stored is encoded by the question itself; the store only has to know the checkpoint.
            return [self.words(data_set, identity, [*build, "--top", str(source.top)], ["en"], after)]
        if data_set == "tatoeba":
            chosen = source.sets["tatoeba"] if "tatoeba" in source.sets else ""
            folder = self.given("tatoeba", hint="get it with tools/fetch tatoeba")
            pairs = ["--sentences", folder]
            if chosen:
                pairs = [word for code in chosen.split(",") for word in ("--sentence-pair", self.sentences(code))]
            return [Step(f"sentences.{identity}", [*build, *pairs], after)]
        raise table.TableError(f"unknown data set '{data_set}'")

    def words(self, data_set, identity, build, languages, after):
        words = [word for code in languages for word in ("--vocabulary", f"{code}={self.vocabulary(code)}")]
        return Step(f"words.{data_set}.{identity}", [*build, *words], after)

    def sentences(self, code):
        paths = [
            self.given("tatoeba", f"tatoeba.{code}-eng.{side}", hint="get it with tools/fetch tatoeba")
            for side in (code, "eng")
        ]
        return f"{code}-eng={paths[0]},{paths[1]}"

    def question(self, condition, identity, seed, data_set):
        task = "bli" if data_set in ("gbli", "panlex-bli") else data_set
        command = [
            "query",
            task,
            "--store",
            self.place("store"),
            "--checkpoint",
            identity,
            "--layers",
            condition.layers,
            "--threads",
            str(self.threads),
            "--json",
        ]
        hint = "get it with tools/fetch evaluation"
        if task == "bli":
            command += ["--dictionaries", self.given("dictionaries", data_set, hint=hint)]
        if task == "xlsim":
            command += ["--pairs", self.given("multisimlex", hint=hint)]
        name = condition.name + (f".{seed}" if seed is not None else "")
        return Step(
            f"{data_set}.{name}",
            command + condition.asked_with.get(task, []),
            [],
            self.place("rows", f"{name}.{data_set}.jsonl"),
        )
