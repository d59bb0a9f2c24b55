"""Rows of `query … --json` → the best layer's mean, its spread over seeds, and the pairs that gain."""

import json
import math
import os
import statistics

from . import table


class ScoreError(Exception):
    """Rows that cannot be used; the text names the file."""


def read_rows(path, measure):
    """-> {(layer, pair): value} of one checkpoint; layers as text ('12', '0-8:mean'). A null (a ρ that does not exist)
    is refused.
    """
    found = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                layer, pair, value = str(row["layer"]), row["pair"], row[measure]
            except (ValueError, KeyError, TypeError):
                raise ScoreError(
                    f"{path}:{number}: expected a row of query --json with '{measure}', found {line[:80]!r}"
                ) from None
            if not isinstance(value, (int, float)) or not math.isfinite(value):
                raise ScoreError(
                    f"{path}:{number}: '{measure}' of {pair}, layer {layer}, is {value}; a number is needed"
                )
            found[layer, pair] = float(value)
    if not found:
        raise ScoreError(f"{path}: no rows in it; remove it and run the condition again")
    return found


class Result:
    """What a condition scored on one data set, over its seeds."""

    def __init__(self, seeds):
        """- seeds: one {(layer, pair): value} a seed."""
        self.seeds = len(seeds)
        self.layers = sorted({layer for layer, _ in seeds[0]}, key=layer_order)
        pairs = {frozenset(pair for layer, pair in rows if layer == each) for rows in seeds for each in self.layers}
        if len(pairs) != 1:
            raise ScoreError(
                "layers or seeds have other pairs than the rest; ask them again, with the same sets stored"
            )
        self.pairs = sorted(pairs.pop())
        self.seed_means = {
            layer: [statistics.fmean(rows[layer, pair] for pair in self.pairs) for rows in seeds]
            for layer in self.layers
        }
        means = {layer: statistics.fmean(values) for layer, values in self.seed_means.items()}
        # The lowest among equals, as `query leaderboard`.
        self.layer = max(self.layers, key=lambda layer: (means[layer], -self.layers.index(layer)))
        self.score = means[self.layer]
        self.deviation = statistics.stdev(self.seed_means[self.layer]) if len(seeds) > 1 else None
        self.by_pair = {pair: statistics.fmean(rows[self.layer, pair] for rows in seeds) for pair in self.pairs}
        # Of dictionaries: queries in all pairs, and the mean share of a pair's rows that they are; None elsewhere.
        self.queries = self.coverage = None

    def gaining(self, other):
        """How many pairs are above another result's, each at its best layer. -> (gaining, pairs in common)"""
        common = [pair for pair in self.pairs if pair in other.by_pair]
        return sum(self.by_pair[pair] > other.by_pair[pair] for pair in common), len(common)


def layer_order(name):
    """Single layers first, by number; then means ('0-8:mean')."""
    return (not name.isdigit(), int(name) if name.isdigit() else 0, name)


def result(condition, data_set, folder):
    """The result of a condition over the seeds whose rows are there, or None without any."""
    source = data_set.removesuffix("-reverse")
    paths = [os.path.join(folder, "rows", f"{identity}.{source}.jsonl") for identity in condition.identities()]
    there = [path for path in paths if os.path.exists(path)]
    if not there:
        return None
    found = Result([read_rows(path, table.MEASURES[data_set]) for path in there])
    if table.MEASURES[data_set] == "mrr":
        # Which words are stored is the vocabularies' doing, so every seed has the same.
        counts, shares = (read_rows(there[0], key) for key in ("queries", "coverage"))
        found.queries = round(sum(counts[found.layer, pair] for pair in found.pairs))
        found.coverage = statistics.fmean(shares[found.layer, pair] for pair in found.pairs)
    return found


def data_sets(condition):
    """The sets of a condition, Tatoeba in both directions."""
    return [name for each in condition.sets for name in ([each, "tatoeba-reverse"] if each == "tatoeba" else [each])]
