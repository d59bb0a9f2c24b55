"""Inputs of the campaigns, made from what is in the repository: samples, the bundled model, the tests' small model."""

import os
import random
import shutil


def _words(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if line.strip()]


def _write(path, lines):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))


class Inputs:
    """Files below one folder.

    `first` and `second` are two states of the vocabularies of four languages: the second lacks words of the first,
    has others, and has them in another order. `model` is the bundled one, `tiny` the model the training tests use.
    """

    languages = ("de", "en", "fi", "ru")

    def __init__(self, folder, checkout):
        self.folder = folder
        samples = os.path.join(checkout, "samples")
        self.model = os.path.join(checkout, "models", "mini")
        fixture = os.path.join(checkout, "Tests", "TrainTests", "Fixtures", "training-curve")
        self.tiny = os.path.join(fixture, "model")
        self.constraints = os.path.join(fixture, "constraints.tsv")
        self.first, self.second = (os.path.join(folder, name) for name in ("first", "second"))
        self.sentences = os.path.join(folder, "sentences")
        self.dictionaries = os.path.join(folder, "dictionaries")
        self.similarity = os.path.join(folder, "similarity")
        numbers = random.Random(1)
        for language in self.languages:
            words = _words(f"{samples}/vocabularies/{language}.txt")[:240]
            _write(f"{self.first}/{language}.txt", words[:200])
            others = [word for word in words if numbers.random() < 0.8] + [f"{word}{word}" for word in words[:20]]
            numbers.shuffle(others)
            _write(f"{self.second}/{language}.txt", others)
        for name in sorted(os.listdir(f"{samples}/sentences"))[:2]:
            _write(f"{self.sentences}/{name}", _words(f"{samples}/sentences/{name}")[:40])
        for name in sorted(os.listdir(f"{samples}/dictionaries")):
            if set(name.split(".")[0].split("-")) <= set(self.languages) and ".test." in name:
                shutil.copy(f"{samples}/dictionaries/{name}", _made(self.dictionaries))
        for name in sorted(os.listdir(f"{samples}/similarity")):
            shutil.copy(f"{samples}/similarity/{name}", _made(self.similarity))
        self._validation()

    def _validation(self):
        """Words no constraint has, for validation while training."""
        words = [f"q{number * 37 % 90}z" for number in range(90)]
        _write(f"{self.folder}/validation/it.txt", words)
        _write(f"{self.folder}/validation/en.txt", [word + "e" for word in words])
        self.validation = f"{self.folder}/en-it.train.tsv"
        _write(self.validation, [f"{word}e\t{words[number * 3 % 90]}" for number, word in enumerate(words[:30])])

    def build(self, programs, store, state="first", *more):
        return programs.command(
            "indexer", "build", "--store", store, "--checkpoint", f"mini={self.model}", "--vocabularies",
            os.path.join(self.folder, state), "--sentences", self.sentences, "--threads", "1", "--quiet", *more)

    def specialize(self, programs, out, *more, validate=True):
        arguments = [
            "specialize", "--model", self.tiny, "--constraints", self.constraints, "--out", out, "--threads", "1",
            "--batch-size", "8", "--epochs", "3", "--learning-rate", "1e-2", "--save-every", "2steps", "--quiet"]
        if validate:
            arguments += ["--validation", f"en-it={self.validation}", "--vocabularies", f"{self.folder}/validation"]
        return programs.command("train", *arguments, *more)


def _made(folder):
    os.makedirs(folder, exist_ok=True)
    return folder
