"""What came out, kept in the repository: scores.tsv (a row a condition and data set), pairs.tsv (a row a pair),
costs.tsv (a row a step).

docs/results.md is made from these three files and nothing else.
"""

import os

from . import running, scores, table
from .table import HERE

SCORES = [
    "condition",
    "set",
    "score",
    "deviation",
    "seeds",
    "layer",
    "pairs",
    "gaining",
    "compared",
    "queries",
    "coverage",
]
PAIRS = ["condition", "set", "pair", "score"]
COSTS = ["step", "seconds", "processor_seconds", "memory_mb"]
FILES = {"scores.tsv": SCORES, "pairs.tsv": PAIRS, "costs.tsv": COSTS}
# Two lines of one file are the same thing measured twice when these columns agree.
KEYS = {"scores.tsv": 2, "pairs.tsv": 3, "costs.tsv": 1}
PLACES = 4


class RecordError(Exception):
    """A recorded file is not what this script writes; the text names the line."""


class Record:
    """The three files as lists of {column: text}."""

    def __init__(self, folder=os.path.join(HERE, "recorded")):
        self.folder = folder
        self.rows = {name: self.read(name, columns) for name, columns in FILES.items()}

    def read(self, name, columns):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8", newline="\n") as file:
            lines = file.read().removesuffix("\n").split("\n")
        if lines[0].split("\t") != columns:
            raise RecordError(f"{path}:1: expected the columns {', '.join(columns)}")
        rows = []
        for number, line in enumerate(lines[1:], 2):
            cells = line.split("\t")
            if len(cells) != len(columns):
                raise RecordError(f"{path}:{number}: {len(cells)} cells, expected {len(columns)}")
            rows.append(dict(zip(columns, cells)))
        return rows

    def write(self):
        os.makedirs(self.folder, exist_ok=True)
        for name, columns in FILES.items():
            lines = ["\t".join(columns)] + ["\t".join(row[column] for column in columns) for row in self.rows[name]]
            path = os.path.join(self.folder, name)
            with open(path + ".partial", "w", encoding="utf-8", newline="\n") as file:
                file.write("\n".join(lines) + "\n")
            os.replace(path + ".partial", path)

    def put(self, name, rows):
        """New rows take the place of those with the same key; the order is the table's, then that of the files."""
        columns = FILES[name][: KEYS[name]]
        merged = {tuple(row[column] for column in columns): row for row in self.rows[name]}
        merged.update({tuple(row[column] for column in columns): row for row in rows})
        self.rows[name] = list(merged.values())

    def forget(self, condition):
        """Pairs of an earlier measurement that are not asked any more must not stay."""
        for name in ("scores.tsv", "pairs.tsv"):
            self.rows[name] = [row for row in self.rows[name] if row["condition"] != condition]

    def score(self, condition, data_set):
        """-> the row, or None."""
        return next(
            (row for row in self.rows["scores.tsv"] if (row["condition"], row["set"]) == (condition, data_set)), None
        )

    def pairs(self, condition, data_set):
        """-> {pair: score}; the condition 'published' is what others have published of the same sets."""
        if condition == "published":
            with open(os.path.join(HERE, "published.tsv"), encoding="utf-8") as file:
                rows = [line.split("\t") for line in file.read().split("\n")[1:] if line]
            return {pair: float(score) for name, pair, score, _ in rows if name == data_set}
        return {
            row["pair"]: float(row["score"])
            for row in self.rows["pairs.tsv"]
            if (row["condition"], row["set"]) == (condition, data_set)
        }

    def cost(self, step):
        return next((row for row in self.rows["costs.tsv"] if row["step"] == step), None)


def take(record, conditions, folder, names, plan):
    """Puts what the work folder holds of these conditions into the record. -> names of those that are complete."""
    complete = []
    for name in names:
        condition = conditions[name]
        results = {data_set: scores.result(condition, data_set, folder) for data_set in scores.data_sets(condition)}
        results = {data_set: result for data_set, result in results.items() if result}
        if not results:
            continue
        seeds = max(1, len(condition.seeds))
        if all(data_set in results and results[data_set].seeds == seeds for data_set in scores.data_sets(condition)):
            complete.append(name)
        record.forget(name)
        for data_set, result in results.items():
            row = {
                "condition": name,
                "set": data_set,
                "score": f"{result.score:.{PLACES}f}",
                "deviation": "" if result.deviation is None else f"{result.deviation:.{PLACES}f}",
                "seeds": str(result.seeds),
                "layer": result.layer,
                "pairs": str(len(result.pairs)),
                "gaining": "",
                "compared": "",
                "queries": "" if result.queries is None else str(result.queries),
                "coverage": "" if result.coverage is None else f"{result.coverage:.{PLACES}f}",
            }
            base = scores.result(conditions[condition.compare], data_set, folder) if condition.compare else None
            if base:
                gaining, common = result.gaining(base)
                row |= {"gaining": str(gaining), "compared": str(common)}
            record.put("scores.tsv", [row])
            record.put(
                "pairs.tsv",
                [
                    {"condition": name, "set": data_set, "pair": pair, "score": f"{value:.{PLACES}f}"}
                    for pair, value in result.by_pair.items()
                ],
            )
        for step in plan.of(condition):
            cost = running.measured(folder, step.name)
            # A step whose measurement was lost (the machine went down) is done all the same.
            if cost and "seconds" in cost:
                record.put("costs.tsv", [{"step": step.name} | {key: str(cost[key]) for key in COSTS[1:]}])
    order = {name: position for position, name in enumerate(conditions)}
    sets = {name: position for position, name in enumerate(table.MEASURES)}
    for name in ("scores.tsv", "pairs.tsv"):
        record.rows[name] = [row for row in record.rows[name] if row["condition"] in order]
        record.rows[name].sort(key=lambda row: (order[row["condition"]], sets[row["set"]], row.get("pair", "")))
    record.rows["costs.tsv"].sort(key=lambda row: row["step"])
    return complete


def verdict(condition, data_set, record):
    """-> (text, whether it came out); None where nothing is expected or nothing is recorded."""
    row = record.score(condition.name, data_set)
    if row is None or data_set not in condition.expected:
        return None
    expected, found = condition.expected[data_set], float(row["score"])
    holds = abs(found - expected) <= condition.tolerance + 1e-9
    text = f"{found:.{PLACES}f}, expected {expected:.{PLACES}f} ± {condition.tolerance:g} ({condition.source})"
    return f"{text}: {'came out' if holds else 'did NOT come out'}", holds
