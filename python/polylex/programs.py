"""The programs that come with this package, and answers of `query` as Python values."""

import json
import os
import shutil
import subprocess
import sys

_folder = os.path.dirname(os.path.abspath(__file__))


class ProgramError(RuntimeError):
    """A program that ended with another exit status than 0.

    `status`: as README.md lists them; `answers`: what it had printed as JSON before.
    """

    def __init__(self, name, status, message, answers=()):
        super().__init__(f"{message.strip() or name + ' said nothing'} (exit status {status})")
        self.status, self.answers = status, list(answers)


def program(name):
    """The path of `train`, `indexer` or `query`: in the folder POLYLEX_PROGRAMS, else this package's, else on PATH."""
    for folder in (os.environ.get("POLYLEX_PROGRAMS"), os.path.join(_folder, "bin")):
        path = folder and os.path.join(folder, name)
        if path and os.access(path, os.X_OK):
            return path
    path = shutil.which(name)
    # Its own entry on PATH would start this very module again.
    if path is None or os.path.dirname(os.path.abspath(path)) == os.path.dirname(os.path.abspath(sys.executable)):
        raise FileNotFoundError(f"{name}: no such program in {_folder}/bin; this package was installed without programs"
                                ": set POLYLEX_PROGRAMS to a folder that has them")
    return path


def model():
    """The folder of the bundled model, a small BERT of nine languages."""
    return os.path.join(_folder, "share", "models", "mini")


def samples(name=""):
    """The folder of the samples, or one in it: vocabularies, sentences, dictionaries, similarity."""
    return os.path.join(_folder, "share", "samples", name) if name else os.path.join(_folder, "share", "samples")


def run(name, *arguments, **options):
    """Runs a program to its end; -> what it printed. `options` go to subprocess.run.

    Its messages go to standard error as they come. Raises ProgramError when it fails.
    """
    words = [program(name), *(os.fspath(word) for word in arguments)]
    result = subprocess.run(words, stdout=subprocess.PIPE, text=True, encoding="utf-8", **options)
    if result.returncode:
        raise ProgramError(name, result.returncode, f"{name} failed: its message is on standard error")
    return result.stdout


def translate(words, *, to, source=None, checkpoint=None, store=None, layer="best", top=10, scoring="cosine"):
    """Nearest words of language `to`: what `query translate --json` answers, one dict a word.

    words: a word, or a list of them, which gives a list. source: the words' language; guessed when left out.
    store: its folder; else that of POLYLEX_STORE, else "indexes". Raises ProgramError with the program's message.
    """
    asked = [words] if isinstance(words, str) else list(words)
    options = ["--to", to, "--layer", str(layer), "--top", str(top), "--scoring", scoring]
    for option, value in (("--from", source), ("--checkpoint", checkpoint), ("--store", store)):
        if value is not None:
            options += [option, os.fspath(value)]
    if not asked:
        return []
    # Words may begin with a dash.
    result = subprocess.run(
        [program("query"), "translate", *options, "--json", "--quiet", "--", *asked], capture_output=True, text=True,
        encoding="utf-8")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    if result.returncode:
        raise ProgramError("query", result.returncode, result.stderr, answers)
    return answers[0] if isinstance(words, str) else answers


def _become(name):
    path = program(name)
    os.execv(path, [path, *sys.argv[1:]])


def train():
    _become("train")


def indexer():
    _become("indexer")


def query():
    _become("query")
