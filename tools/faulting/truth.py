"""What a store or a run's folder holds, without clocks and places: two that hold the same are equal."""

import hashlib
import json
import os

_CLOCKS = {"created", "oldest", "newest", "seconds", "elapsed", "pairs_per_second", "catalogue_bytes",
    "catalogueBytes", "age"}


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def files(folder, skip=()):
    """{path below the folder: digest}, without those whose path begins with one of `skip`."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            relative = os.path.relpath(path, folder)
            if not relative.startswith(tuple(skip)):
                found[relative] = _digest(path)
    return found


def without_clocks(value):
    if isinstance(value, dict):
        return {key: without_clocks(inner) for key, inner in value.items() if key not in _CLOCKS}
    if isinstance(value, list):
        return [without_clocks(inner) for inner in value]
    return value


def store(programs, folder):
    """The layer files, and what `indexer list` says of the catalogue."""
    listed = programs.run(programs.command("indexer", "list", "--store", folder, "--json"))
    if listed.status != 0:
        return {"list": str(listed)}
    return {"list": without_clocks(json.loads(listed.output)), "files": files(os.path.join(folder, "data"))}


def run(folder):
    """Weights, records and rows of metrics of a run."""
    rows = []
    path = os.path.join(folder, "metrics.jsonl")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            rows = [without_clocks(json.loads(line)) for line in file]
    state = None
    path = os.path.join(folder, "state", "state.json")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            state = {key: value for key, value in json.load(file).items() if key != "position"}
    return {
        "files": files(folder, skip=("metrics.jsonl", "tensorboard", "state" + os.sep)), "rows": rows, "state": state,
        "names in state": sorted(os.listdir(os.path.join(folder, "state")))}


def one(path):
    return {"file": _digest(path) if os.path.exists(path) else None}


def differences(expected, found, place=""):
    """Paths of what differs, at most ten."""
    if isinstance(expected, dict) and isinstance(found, dict):
        inner = []
        for key in sorted(set(expected) | set(found)):
            if key not in expected or key not in found:
                inner.append(f"{place}/{key} is {'missing' if key in expected else 'new'}")
            else:
                inner += differences(expected[key], found[key], f"{place}/{key}")
        return inner[:10]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        inner = []
        for number, (a, b) in enumerate(zip(expected, found)):
            inner += differences(a, b, f"{place}/{number}")
        return inner[:10]
    return [] if expected == found else [f"{place}: {str(expected)[:60]} is {str(found)[:60]}"]
