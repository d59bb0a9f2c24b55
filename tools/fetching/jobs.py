"""What a list of items asks for: each file with its address and place."""

import itertools
import os
import re


class Job:
    """One file to fetch: a plain file, a word list out of vectors, or an archive to take files out of."""

    def __init__(self, entry, values):
        def fill(text):
            return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), text)

        self.kind, self.url, self.path = entry.get("kind", "file"), fill(entry["url"]), fill(entry["path"])
        self.members = [{**member, "name": fill(member["name"])} for member in entry.get("members", [])]
        self.words = None


def jobs_of(item, languages, words):
    jobs = []
    for entry in item["files"]:
        each = dict(entry.get("each", {}))
        if entry.get("kind") == "words" and languages:
            # A file that is listed by itself has another name at its source than here.
            alone = os.path.basename(entry["path"]).removesuffix(".txt")
            if not each and alone not in languages:
                continue
            listed = {os.path.basename(e["path"]).removesuffix(".txt") for e in item["files"] if "each" not in e}
            each = {key: [language for language in languages if language not in listed] for key in each}
        keys = list(each)
        jobs += [Job(entry, dict(zip(keys, values))) for values in itertools.product(*each.values())]
    for job in jobs:
        job.words = words if job.kind == "words" else None
    return jobs


def read_sums(path):
    sums = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            digest, name = line.rstrip("\n").split("  ", 1)
            sums[name] = digest
    return sums
