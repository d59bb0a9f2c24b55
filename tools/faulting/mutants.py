"""Damaged inputs and stores through the programs: every one ends in an answer or in one clear line, never in a
crash."""

import json
import os
import random
import shutil

from . import mutations
from .tally import Tally

# An answer, a refusal of the command line (names come from files), of the input, a missing part, a failed read; never
# 70.
STATUSES = (0, 64, 65, 66, 74)
MEMORY_KILOBYTES = 2 << 20
SECONDS = 20


class Target:
    """Files in a folder, of which one is damaged; `commands` are asked in turn."""

    def __init__(self, files, damage, commands, mutated=None, stdin=b"", within=None):
        self.files, self.commands, self.stdin = files, commands, stdin
        self.mutated = mutated or sorted(files)
        self._damage, self._within = damage, within

    def damage(self, data, draw):
        return self._damage(data, draw, self._within) if self._within else self._damage(data, draw)


def _read(folder, names=None):
    found = {}
    for place, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return {name: found[name] for name in names} if names else found


class Targets:
    def __init__(self, programs, inputs, folder):
        self.programs, self.inputs, self.folder = programs, inputs, folder
        self.place = os.path.join(folder, "mutant")
        self.checkout = programs.checkout

    def all(self):
        return {**self._checkpoints(), **self._tokenizers(), **self._texts(), **self._tables(), **self._stores(),
            **self._runs()}

    def _encode(self, folder):
        return [self.programs.command("indexer", "encode", "--checkpoint", folder, "--out", f"{self.folder}/out.npy",
            "--quiet")]

    def _checkpoints(self):
        files, words = _read(self.inputs.tiny), b"q0z q12z\nHello\n\xe6\x97\xa5\n"
        encode = self._encode(self.place)
        weights = "model.safetensors"
        return {
            "config.json": Target(files, mutations.some_json, encode, ["config.json"], words),
            "safetensors": Target(files, mutations.some_safetensors, encode, [weights], words),
            "vocab.txt": Target(files, mutations.some_text, encode, ["vocab.txt"], words),
        }

    def _tokenizers(self):
        folder = f"{self.checkout}/Tests/EncoderTests/Fixtures"
        targets = {}
        for name in ("uncased", "xlmr"):
            files = _read(f"{folder}/tokenizers/{name}")
            files = {**files, "config.json": _config(files)}
            tokenize = [self.programs.command("indexer", "tokenize", "--checkpoint", self.place)]
            mutated = [file for file in files if file != "config.json"]
            targets[f"tokenizer {name}"] = Target(files, mutations.some_json, tokenize, mutated,
                b"kissa xx##yy [MASK]\nabc\n")
        return targets

    def _texts(self):
        build = [self.programs.command(
            "indexer", "build", "--store", f"{self.folder}/texts", "--checkpoint", f"tiny={self.inputs.tiny}",
            "--vocabularies",
            self.place, "--quiet", "--threads", "1")]
        words = _read(self.inputs.first, ["en.txt"])
        vectors = b"3 2\n" + b"".join(b"w%d 0.5 -1\n" % number for number in range(3))
        return {
            "vocabulary": Target(words, mutations.some_text, build),
            "vectors": Target({"en.vec": vectors}, mutations.some_text, build),
        }

    def _tables(self):
        with open(self.inputs.constraints, "rb") as file:
            table = file.read()
        stats = [self.programs.command("train", "stats", f"{self.place}/c")]
        sample = [self.programs.command("train", "sample", f"{self.place}/c", "--out", f"{self.folder}/o.csv",
            "--size", "5", "--quiet")]
        targets = {"constraints": Target({"c": table}, mutations.some_text, stats + sample)}
        for name, data in SYNSETS.items():
            mine = self.programs.command(
                "train", "mine", "--synsets", f"{self.place}/{name}", "--frequencies", self.inputs.first, "--out",
                f"{self.folder}/mined.tsv", "--quiet", "--languages", "de,en,fi",
                *(part for rule in ("frequency", "seeds", "glosses", "gloss-languages") for part in ("--without",
                rule)))
            damage = mutations.some_json if name.endswith(".jsonl") else mutations.some_text
            targets[name] = Target({name: data}, damage, [mine])
        return targets

    def _stores(self):
        """A damaged store is read by everything that reads stores."""
        store = f"{self.folder}/seed"
        for command in (
                self.inputs.build(self.programs, store), self.programs.command(
                    "query", "bli", "--store", store, "--dictionaries", self.inputs.dictionaries, "--quiet")):
            outcome = self.programs.run(command)
            if outcome.status != 0:
                raise SystemExit(f"faults: cannot make a store: {outcome}")
        files = {name: data for name, data in _read(store).items() if not name.endswith("lock.mdb")}
        command = self.programs.command
        readers = [
            command("indexer", "verify", "--store", self.place), command("indexer", "list", "--store", self.place),
            command("query", "translate", "--store", self.place, "--from", "de", "--to", "en", "--threads", "1",
            "und", "Haus"),
            command("query", "bli", "--store", self.place, "--dictionaries", self.inputs.dictionaries, "--quiet",
            "--threads", "1"),
            command("query", "report", "--store", self.place, "--out", f"{self.folder}/report.html")]
        layers = [name for name in files if name.endswith(".faiss")]
        return {
            "catalogue": Target(files, mutations.some_bytes, readers, ["catalog.lmdb/data.mdb"]),
            "layer file header": Target(files, mutations.some_bytes, readers[:3], layers, within=120),
            "layer file": Target(files, mutations.some_bytes, readers[:3], layers),
        }

    def _runs(self):
        """A run that was stopped in its middle, damaged, and resumed."""
        out = f"{self.folder}/seed-run"
        begin = self.inputs.specialize(self.programs, out)
        operations = self.programs.operations(begin, out)
        shutil.rmtree(out)
        self.programs.run(begin, out, at=len(operations) // 2, do="9")
        files = {name: data for name, data in _read(out).items() if name != "state/lock"}
        resume = [self.inputs.specialize(self.programs, self.place, "--resume")]
        logs = [name for name in files if name == "metrics.jsonl" or name.startswith("tensorboard")]
        engine = [name for name in files if name.startswith("state/engine")]
        return {
            "state.json": Target(files, mutations.some_json, resume, ["state/state.json"]),
            "engine state": Target(files, mutations.some_bytes, resume, engine),
            "logs of a run": Target(files, mutations.some_bytes, resume, logs),
        }


def _config(files):
    """A configuration for a folder that holds a tokenizer alone."""
    if any(name.endswith(".model") for name in files):
        return json.dumps({"model_type": "xlm-roberta"}).encode()
    return json.dumps({"model_type": "bert"}).encode()


def _lexicon(language, words):
    entries = b"".join(
        b'<LexicalEntry id="%s-e%d"><Lemma writtenForm="%s" partOfSpeech="n"/>'
        b'<Sense id="%s-n%d" synset="%s-%d"/></LexicalEntry>\n'
        % (language, number, word, language, number, language, number) for number, word in enumerate(words))
    synsets = b"".join(
        b'<Synset id="%s-%d" ili="i%d" partOfSpeech="n">'
        b"<Definition>a small <!-- c --> thing &amp; more</Definition></Synset>\n"
        % (language, number, 46360 + number) for number in range(len(words)))
    return (
        b'<Lexicon id="%s" label="Own" language="%s" email="a@b" license="CC0" version="1">\n' % (language, language)
        + entries + synsets + b"</Lexicon>\n")


# Name of the file, and what it holds.
SYNSETS = {
    "synsets.jsonl": b"".join(
        b'{"id":"s%d","lemmas":[{"lang":"en","lemma":"word%c"},{"lang":"fi","lemma":"sana%c"}],"glosses":[{"lang":"en",'
        b'"gloss":"a word"},{"lang":"fi","gloss":"sana"},{"lang":"de","gloss":"ein Wort"}]}\n' % (number, letter,
        letter)
        for number, letter in enumerate(b"abcdef")),
    "wordnet.xml": (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<LexicalResource xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        + _lexicon(b"en", [b"cat", b"dog"]) + _lexicon(b"fi", [b"kissa", b"koira"]) + b"</LexicalResource>\n"),
    "wn-data-fin.tab": (
        b"# Own wordnet\tfin\thttp://example.org\tCC0\n"
        b"02121620-n\tfin:lemma\tkissa\n02121620-n\tfin:def\t0\tpieni el\xc3\xa4in\n"
        b"02121620-n\tfin:lemma\tkatti\n02084071-n\tfin:lemma\tkoira\n02084071-n\tfin:lemma\thauva\n"),
}


def campaign(programs, inputs, folder, seed, cases=None, seconds=None):
    tally, draw = Tally("mutants", cases, seconds), random.Random(f"mutants {seed}")
    os.makedirs(folder, exist_ok=True)
    kinds = Targets(programs, inputs, folder)
    targets = kinds.all()
    _check(programs, kinds, targets)
    names = sorted(targets)
    while not tally.is_done:
        name = names[tally.tried % len(names)]
        target = targets[name]
        files = dict(target.files)
        changed = draw.choice(target.mutated)
        files[changed] = target.damage(files[changed], draw)
        _case(programs, tally, kinds.place, name, files, changed, target, folder)
    return tally.close()


def _lay(place, files):
    shutil.rmtree(place, ignore_errors=True)
    for name, data in files.items():
        path = os.path.join(place, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)


def _check(programs, kinds, targets):
    """What is not damaged is taken: otherwise every mutant would be refused for another reason."""
    for name, target in targets.items():
        _lay(kinds.place, target.files)
        for command in target.commands:
            outcome = programs.run(command, stdin=target.stdin)
            if outcome.status != 0:
                raise SystemExit(f"faults: {name} undamaged: {' '.join(command)}: {outcome}")


def _case(programs, tally, place, name, files, changed, target, folder):
    tally.tried += 1
    for number, command in enumerate(target.commands):
        # Stores and runs are changed by what reads them: each reader gets the same mutant.
        if number == 0 or "store" in " ".join(command):
            _lay(place, files)
        outcome = programs.run(command, stdin=target.stdin, seconds=SECONDS)
        tally.end("", outcome.status)
        # `verify` says 1 where it finds damage.
        statuses = (*STATUSES, 1) if "verify" in command else STATUSES
        problem = "crash" if outcome.is_crash else "status" if outcome.status not in statuses else None
        if outcome.kilobytes > MEMORY_KILOBYTES:
            problem = "memory"
        if outcome.status not in (0, 1) and not problem and not outcome.lines:
            problem = "silence"
        if problem:
            kept = os.path.join(folder, f"kept-{len(tally.findings)}")
            os.makedirs(kept, exist_ok=True)
            with open(os.path.join(kept, os.path.basename(changed)), "wb") as file:
                file.write(files[changed])
            tally.find(problem, f"{name}, {changed}: {' '.join(command[1:3])}",
                f"{outcome}, {outcome.kilobytes} KB; kept in {kept}")
