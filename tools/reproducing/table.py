"""The table of conditions: what is trained, asked and should come out. docs/reproducing-the-paper.md describes
its columns.
"""

import os
import re
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, "conditions.tsv")
COLUMNS = [
    "name",
    "model",
    "made by",
    "constraints",
    "seeds",
    "top",
    "sets",
    "layers",
    "asked with",
    "compare",
    "expected",
    "tolerance",
    "source",
]
SETS = ("gbli", "panlex-bli", "xlsim", "tatoeba")
# The measure of each data set; tatoeba-reverse is the other direction of the same rows.
MEASURES = {
    "gbli": "mrr",
    "panlex-bli": "mrr",
    "xlsim": "rho",
    "tatoeba": "accuracy",
    "tatoeba-reverse": "accuracy_reverse",
}
TITLES = {
    "gbli": "G-BLI, MRR",
    "panlex-bli": "PanLex-BLI, MRR",
    "xlsim": "XLSIM, ρ",
    "tatoeba": "Tatoeba, accuracy",
    "tatoeba-reverse": "Tatoeba, reverse",
}


class TableError(Exception):
    """Something in the table, or a condition that is asked for, is wrong; the text says where."""


@dataclass(frozen=True)
class Condition:
    """One row. `made_by` is '' (the model as it is), 'same OTHER' (another condition's vectors, asked differently), or
    a
    subcommand of `train` with its options; {OTHER} in it stands for that condition's model of the same seed."""

    name: str
    model: str
    made_by: str
    constraints: str
    seeds: tuple
    top: int
    sets: dict  # name → '' or, for tatoeba, the comma-separated sets to take
    layers: str
    asked_with: dict  # data set, or task → further options of `query`
    compare: str  # the condition gains are counted from
    expected: dict
    tolerance: float
    source: str

    def identities(self):
        """Names of the checkpoints in the store, one a seed."""
        return [f"{self.name}.{seed}" for seed in self.seeds] or [self.name]


def split_pairs(text, where):
    """'a=1 b=2' → {'a': '1', 'b': '2'}; a word without '=' has the value ''."""
    found = {}
    for word in text.split():
        key, _, value = word.partition("=")
        if key in found:
            raise TableError(f"{where}: '{key}' stands twice in '{text}'; keep one")
        found[key] = value
    return found


def options(text, where):
    """'bli: --scoring csls; tatoeba: --scoring margin' → {'bli': [...], 'tatoeba': [...]}"""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        task, colon, rest = part.partition(":")
        if not colon or task not in ("bli", "xlsim", "tatoeba"):
            raise TableError(
                f"{where}: expected 'bli: OPTIONS', 'xlsim: OPTIONS' or 'tatoeba: OPTIONS', found '{part}'"
            )
        found[task] = rest.split()
    return found


def number(text, where, kind=float):
    try:
        return kind(text)
    except ValueError:
        raise TableError(f"{where}: expected a number, found '{text}'") from None


def read_row(cells, where):
    if len(cells) != len(COLUMNS):
        raise TableError(f"{where}: {len(cells)} cells, expected {len(COLUMNS)} ({', '.join(COLUMNS)})")
    row = dict(zip(COLUMNS, (cell.strip() for cell in cells)))
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", row["name"]):
        raise TableError(f"{where}: a name has small letters, digits and hyphens, found '{row['name']}'")
    sets = split_pairs(row["sets"], where)
    for name in sets:
        if name not in SETS:
            raise TableError(f"{where}: unknown data set '{name}', expected some of {', '.join(SETS)}")
    expected = {key: number(value, where) for key, value in split_pairs(row["expected"], where).items()}
    for key in expected:
        if key.removesuffix("-reverse") not in sets or key not in MEASURES:
            raise TableError(f"{where}: a score is expected of '{key}', which the row does not ask")
    return Condition(
        row["name"],
        row["model"],
        row["made by"],
        row["constraints"],
        tuple(number(seed, where, int) for seed in filter(None, row["seeds"].split(","))),
        number(row["top"], where, int),
        sets,
        row["layers"],
        options(row["asked with"], where),
        row["compare"],
        expected,
        number(row["tolerance"] or "0", where),
        row["source"],
    )


def read(path=PATH):
    """-> {name: Condition} in the table's order. Lines that begin with # are remarks."""
    with open(path, encoding="utf-8", newline="\n") as file:
        lines = file.read().split("\n")
    rows, head = {}, None
    for number_of_line, line in enumerate(lines, 1):
        where = f"{path}:{number_of_line}"
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if head is None:
            head = cells
            if head != COLUMNS:
                raise TableError(f"{where}: expected the columns {', '.join(COLUMNS)}")
            continue
        condition = read_row(cells, where)
        if condition.name in rows:
            raise TableError(f"{where}: the condition '{condition.name}' stands twice")
        for other in [condition.compare] * bool(condition.compare) + referred(condition):
            if other not in rows and other != condition.name:
                raise TableError(f"{where}: '{other}' is no condition above it")
        rows[condition.name] = condition
    return rows


def referred(condition):
    """Conditions whose model this one is made from."""
    if condition.made_by.startswith("same "):
        return [condition.made_by.split()[1]]
    return re.findall(r"\{([a-z0-9-]+)\}", condition.made_by)
