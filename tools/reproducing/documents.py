"""What stands between the marks of docs/results.md and README.md, made from what is recorded; the same text is written
and checked.
"""

import os
import re
import statistics
import sys

from . import languages, picture, table

ROOT = os.path.dirname(os.path.dirname(table.HERE))
DOCUMENTS = [os.path.join(ROOT, "docs", "results.md"), os.path.join(ROOT, "README.md")]
FIGURES = os.path.join(ROOT, "docs", "figures")
BLOCK = re.compile(r"(<!-- reproduce: ([^\n]*?) -->\n)(.*?)(<!-- /reproduce -->)", re.S)


class DocumentError(Exception):
    """A mark in the document asks for what is not there; the text names it."""


def markdown(head, rows):
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, *rows)]
    lines.insert(1, "|---|" + "---:|" * (len(head) - 1))
    return "\n".join(lines) + "\n"


def score_cell(row, seeds=0):
    """The score with its deviation; how many seeds it is of where that is fewer than the condition has."""
    if row is None:
        return "not run"
    spread = f" ± {row['deviation']}" if row["deviation"] else ""
    return f"{row['score']}{spread}" + (f" [{row['seeds']} of {seeds} seeds]" if int(row["seeds"]) < seeds else "")


def percent(new, old):
    return f"{(new / old - 1) * 100:+.1f} %" if old > 0 else "–"


def main_table(conditions, record, names):
    """Table 1: the score at each data set's best layer, the gain over what the condition is compared with, the pairs
    that gain.
    """
    sets = [name for name in table.MEASURES if any(record.score(each, name) for each in names)]
    rows = []
    for name in names:
        cells = [f"`{name}`"]
        for data_set in sets:
            row, base = record.score(name, data_set), record.score(conditions[name].compare, data_set)
            text = score_cell(row, len(conditions[name].seeds))
            if row and base:
                text += f" ({percent(float(row['score']), float(base['score']))}"
                text += f"; {row['gaining']} of {row['compared']})" if row["gaining"] else ")"
            cells.append(text)
        rows.append(cells)
    asked = [asked_rows(record, names, data_set) for data_set in sets]
    if any(asked):
        rows.append(["dictionary rows with both words stored (of a pair's)", *asked])
    return markdown([""] + [table.TITLES[name] for name in sets], rows)


def asked_rows(record, names, data_set):
    """Of how many rows of the dictionaries a score is: "2,577 (4.6 %)"; "" for what has no dictionaries."""
    found = {(row["queries"], row["coverage"]) for row in (record.score(name, data_set) for name in names) if row}
    if len(found) > 1:
        raise DocumentError(f"{', '.join(names)} were asked different rows on {data_set}; a table has one kind")
    queries, coverage = found.pop() if found else ("", "")
    return f"{int(queries):,} ({float(coverage) * 100:.1f} %)" if queries else ""


def layers_table(conditions, record, names):
    """Table 4: how each condition was trained, and its best layers."""
    sets = [name for name in table.MEASURES if any(record.score(each, name) for each in names)]
    rows = []
    for name in names:
        condition = conditions[name]
        words = condition.made_by.split()
        value = {
            key: words[words.index(key) + 1] if key in words else "–"
            for key in ("--learning-rate", "--batch-size", "--max-steps")
        }
        layers = [(record.score(name, each) or {"layer": "not run"})["layer"] for each in sets]
        rows.append([f"`{name}`", *value.values(), str(len(condition.seeds) or "–"), *layers])
    return markdown(["", "rate", "batch", "steps", "seeds"] + [table.TITLES[name].split(",")[0] for name in sets], rows)


def seen_table(conditions, record, names):
    """Mean score of pairs with two, one or no language that had constraints, and the gain over what the condition is
    compared with.
    """
    rows = []
    for name in names:
        base = conditions[name].compare
        for data_set in table.MEASURES:
            own, other = record.pairs(name, data_set), record.pairs(base, data_set)
            for count, title in ((2, "both"), (1, "one"), (0, "none")):
                pairs = [pair for pair in own if pair in other and languages.seen(pair) == count]
                if not pairs:
                    continue
                new, old = statistics.fmean(own[pair] for pair in pairs), statistics.fmean(
                    other[pair] for pair in pairs
                )
                rows.append(
                    [
                        f"`{name}`",
                        table.TITLES[data_set],
                        title,
                        str(len(pairs)),
                        f"{old:.4f}",
                        f"{new:.4f}",
                        percent(new, old),
                        str(sum(own[pair] > other[pair] for pair in pairs)),
                    ]
                )
    return markdown(["", "data set", "seen", "pairs", "before", "after", "gain", "pairs that gain"], rows)


def pairs_table(conditions, record, names):
    """Every pair of one data set (the first word), a column a condition."""
    data_set, names = names[0], names[1:]
    values = {name: record.pairs(name, data_set) for name in names}
    pairs = sorted(set().union(*values.values()))
    if not pairs:
        raise DocumentError(
            f"nothing is recorded of {', '.join(names)} on {data_set}; run them, then tools/reproduce --record"
        )
    rows = [[pair] + [f"{values[name][pair]:.4f}" if pair in values[name] else "–" for name in names] for pair in pairs]
    rows.append(
        ["mean"] + [f"{statistics.fmean(values[name].values()):.4f}" if values[name] else "–" for name in names]
    )
    return markdown(["pair"] + [f"`{name}`" for name in names], rows)


def costs_table(conditions, record, names):
    """What the steps of conditions took."""
    rows = []
    for name in names:
        for row in record.rows["costs.tsv"]:
            kind, _, identity = row["step"].partition(".")
            if (
                identity == name
                or identity.endswith("." + name)
                or re.fullmatch(r"(?:[a-z-]+\.)?" + re.escape(name) + r"\.\d+", identity)
            ):
                rows.append(
                    [
                        f"`{row['step']}`",
                        clock(float(row["seconds"])),
                        clock(float(row["processor_seconds"])),
                        f"{int(row['memory_mb']):,} MB",
                    ]
                )
    return markdown(["step", "time", "processor time", "peak memory"], rows)


def clock(seconds):
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def gains_picture(conditions, record, names):
    """Figure 1: the five pairs of each data set that gain most. Written beside the document; the block shows it."""
    name = names[0]
    base = conditions[name].compare
    panels = []
    for data_set in table.SETS:
        own, other = record.pairs(name, data_set), record.pairs(base, data_set)
        common = sorted((pair for pair in own if pair in other), key=lambda pair: (other[pair] - own[pair], pair))[:5]
        if common:
            panels.append((table.TITLES[data_set], [(pair, other[pair], own[pair]) for pair in common]))
    if not panels:
        raise DocumentError(f"nothing is recorded of {name} and {base}; run them, then tools/reproduce --record")
    file = f"largest-gains-{name}.svg"
    return f"![The five pairs of each data set that gain most from {base} to {name}](figures/{file})\n", {
        file: picture.bars(panels, base, name)
    }


def verdicts(conditions, record, names):
    """Every score something was expected of."""
    from .record import verdict

    rows = []
    for condition in conditions.values():
        if names and not any(condition.name.startswith(name) for name in names):
            continue
        for data_set in condition.expected:
            row, found = record.score(condition.name, data_set), verdict(condition, data_set, record)
            rows.append(
                [
                    f"`{condition.name}`",
                    table.TITLES[data_set],
                    f"{condition.expected[data_set]:.4f} ± {condition.tolerance:g}",
                    row["score"] if row else "not run",
                    "" if found is None else "yes" if found[1] else "no",
                    condition.source,
                ]
            )
    return markdown(["condition", "data set", "expected", "found", "came out", "expected by"], rows)


def claim(conditions, record, names):
    """A sentence for the README: what one condition's training took and lifted."""
    name = names[0]
    base = conditions[name].compare
    parts = []
    for data_set, what in (
        ("gbli", "bilingual lexicon induction (G-BLI)"),
        ("xlsim", "cross-lingual word similarity (XLSIM)"),
    ):
        row, other = record.score(name, data_set), record.score(base, data_set)
        if not row or not other:
            raise DocumentError(
                f"nothing is recorded of {name} and {base} on {data_set}; run them, then tools/reproduce --record"
            )
        new, old = float(row["score"]), float(other["score"])
        lift = f"{(new / old - 1) * 100:.0f} %" if data_set == "gbli" else f"{(new - old) * 100:.1f} points"
        parts.append(f"{what} by {lift} ({row['gaining']} of {row['compared']} pairs gain)")
    cost = record.cost(f"training.{name}.{conditions[name].seeds[0]}")
    seeds = min(int(record.score(name, data_set)["seeds"]) for data_set in ("gbli", "xlsim"))
    top = int(conditions[name].top)
    return (
        f"On multilingual-e5-small, a real multilingual transformer, adapters trained in "
        f"{float(cost['processor_seconds']):.0f} processor seconds lift\n{' and '.join(parts)}:\n"
        "[how, and every number](docs/results.md#the-paper-on-a-real-multilingual-transformer); "
        f"`tools/reproduce {name}` makes it again.\nFrom {seeds} {'seed' if seeds == 1 else 'seeds'}; "
        f"G-BLI among the first {top:,} words of each vocabulary, where both words of "
        f"{asked_rows(record, [name, base], 'gbli')} of the dictionaries' rows stand;\n"
        "the weights are the published ones in 4-bit blocks.\n"
    )


MAKERS = {
    "claim": claim,
    "main": main_table,
    "layers": layers_table,
    "seen": seen_table,
    "pairs": pairs_table,
    "costs": costs_table,
    "gains": gains_picture,
    "verdicts": verdicts,
}


def filled(text, conditions, record):
    """-> the document with every block made anew, {figure's file: contents}."""
    figures = {}

    def fill(match):
        words = match[2].split()
        if not words or words[0] not in MAKERS:
            raise DocumentError(f"<!-- reproduce: {match[2]} -->: expected one of {', '.join(MAKERS)}")
        for name in words[1:]:
            if name not in {*conditions, *table.MEASURES, "published"} and words[0] != "verdicts":
                raise DocumentError(f"<!-- reproduce: {match[2]} -->: '{name}' is no condition")
        made = MAKERS[words[0]](conditions, record, words[1:])
        if isinstance(made, tuple):
            figures.update(made[1])
            made = made[0]
        return match[1] + made + match[4]

    return BLOCK.sub(fill, text), figures


def write_or_check(conditions, record, check, paths=DOCUMENTS, folder=FIGURES):
    """Writes documents and figures, or says where they differ. -> exit status."""
    wanted = {}
    for document in paths:
        new, figures = filled(read(document) or "", conditions, record)
        wanted |= {document: new} | {os.path.join(folder, name): contents for name, contents in figures.items()}
    stale = [path for path, contents in wanted.items() if read(path) != contents]
    if check:
        for path in stale:
            print(
                f"{os.path.relpath(path, ROOT)}: differs from what is recorded; "
                "tools/reproduce --write-results makes it",
                file=sys.stderr,
            )
        return 1 if stale else 0
    os.makedirs(folder, exist_ok=True)
    for path in stale:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(wanted[path])
        print(f"{os.path.relpath(path, ROOT)}: written")
    return 0


def read(path):
    try:
        with open(path, encoding="utf-8", newline="\n") as file:
            return file.read()
    except FileNotFoundError:
        return None
