"""How well a checkpoint translates the rows of G-BLI test sets it can be asked: exact ranks by cosine, by pair.

A row is asked when both words are among the first `TOP` of their vocabularies. `all` are these rows, `shared` those
whose two words stand in one mined synset, `seen` those whose two words stood in one group of the training, `unseen` the
rest. A candidate spelled like the query is left out unless it is the gold: fastText vocabularies are full of English
words.
"""

import collections
import json
import os
import subprocess

import numpy

from . import pairs

TOP = 20_000


class Vectors:
    """Unit vectors of the vocabularies' first words, of one stored checkpoint's last layer."""

    def __init__(self, programs, store, checkpoint, layer, vocabularies, scratch):
        self.words = {language: words[:TOP] for language, words in vocabularies.items()}
        self.position = {language: {word: i for i, word in enumerate(words)} for language, words in self.words.items()}
        self.vectors = {}
        for language, words in self.words.items():
            array, texts = os.path.join(scratch, "vectors.npy"), os.path.join(scratch, "texts.txt")
            subprocess.run(
                [os.path.join(programs, "indexer"), "export", "--store", store, "--checkpoint", checkpoint,
                    "--collection",
                 f"words/{language}", "--layer", str(layer), "--out", array, "--texts", texts, "--quiet"],
                check=True, stdout=subprocess.DEVNULL)
            stored = numpy.load(array)
            with open(texts, encoding="utf-8", newline="\n") as file:
                rows = file.read().split("\n")[: len(stored)]
            # Words that tokenise to nothing are not stored: a vector of zeros is similar to none.
            made = numpy.zeros((len(words), stored.shape[1]), numpy.float32)
            for text, vector in zip(rows, stored):
                if text in self.position[language]:
                    made[self.position[language][text]] = vector / max(float(numpy.linalg.norm(vector)), 1e-12)
            self.vectors[language] = made

    def ranks(self, source, target, rows):
        """1-based exact ranks; rows: (position of the query, position of the gold)."""
        found = numpy.zeros(len(rows), numpy.int64)
        for start in range(0, len(rows), 256):
            part = rows[start : start + 256]
            similarities = self.vectors[source][[query for query, _ in part]] @ self.vectors[target].T
            for i, (query, gold) in enumerate(part):
                same = self.position[target].get(self.words[source][query])
                threshold = similarities[i, gold]
                better = similarities[i] > threshold
                if same is not None and same != gold:
                    better[same] = False
                found[start + i] = 1 + int(better.sum())
        return found


def synsets_of(mined):
    """{(language, lower-cased word): synsets}, held-out words and all."""
    return groups_of(pairs.read_groups(mined, [], frozenset()))


def groups_of(groups):
    """{(language, word): groups it stands in}"""
    found = collections.defaultdict(set)
    for group, languages in groups.items():
        for language, words in languages.items():
            for word in words:
                found[language, word].add(group)
    return found


def score(vectors, test_dictionaries, synsets, training_groups):
    """-> [{pair, all: {queries, p1, mrr}, shared: {…}, seen: {…}, unseen: {…}}] in the order of the files."""
    results = []
    for path in test_dictionaries:
        source, target, rows = pairs.read_dictionary(path)
        asked, shared, seen = [], [], []
        for first, second in rows:
            query, gold = vectors.position[source].get(first), vectors.position[target].get(second)
            if query is not None and gold is not None:
                asked.append((query, gold))
                for marks, members in ((shared, synsets), (seen, training_groups)):
                    marks.append(bool(members.get((source, first), set()) & members.get((target, second), set())))
        ranks, shared, seen = vectors.ranks(source, target, asked), numpy.array(shared, bool), numpy.array(seen, bool)
        results.append({
            "pair": f"{source}-{target}", "all": summary(ranks), "shared": summary(ranks[shared]),
            "seen": summary(ranks[seen]),
            "unseen": summary(ranks[~seen])})
    return results


def sentences(programs, store, checkpoint, folder, sets, layer, codes, threads):
    """-> {"deu-eng": accuracy} of the Tatoeba sets in a folder that are of these languages; {} without a folder."""
    if sets is None:
        return {}
    given = []
    for code in sorted(codes.values()):
        sides = [os.path.join(sets, f"tatoeba.{code}-eng.{side}") for side in (code, "eng")]
        if all(map(os.path.isfile, sides)):
            given += ["--sentence-pair", f"{code}-eng={','.join(sides)}"]
    subprocess.run(
        [os.path.join(programs, "indexer"), "build", "--store", store, "--checkpoint", f"{checkpoint}={folder}", *given,
         "--pooling", "paper", "--layers", str(layer), "--threads", str(threads), "--quiet"],
        check=True, stdout=subprocess.DEVNULL)
    output = subprocess.run(
        [os.path.join(programs, "query"), "tatoeba", "--store", store, "--checkpoint", checkpoint, "--layers",
         str(layer), "--json", "--quiet"],
        check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    return {row["pair"]: row["accuracy"] for row in map(json.loads, output.splitlines())}


def summary(ranks):
    if len(ranks) == 0:
        return {"queries": 0, "p1": 0.0, "mrr": 0.0}
    return {"queries": len(ranks), "p1": float((ranks == 1).mean()), "mrr": float((1 / ranks).mean())}


def means(results, rows):
    """Unweighted over the pairs that have such rows, as the paper averages; queries are their sum."""
    having = [result[rows] for result in results if result[rows]["queries"] > 0]
    if not having:
        return summary([])
    return {
        "queries": sum(each["queries"] for each in having),
        "p1": sum(each["p1"] for each in having) / len(having),
        "mrr": sum(each["mrr"] for each in having) / len(having),
    }


def write(path, results):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        json.dump(results, file, indent=1)
        file.write("\n")


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)
