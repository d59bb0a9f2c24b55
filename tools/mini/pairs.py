"""What a model that starts from noise is trained with: groups of words that mean the same, drawn in batches.

A group is a synset of 'train mine', or a head word of the training dictionaries with its translations in all of them.
The mined table is small beside the number of pairs such a training sees, so pairs are drawn with replacement, into a
table in training order (`--sampling file`):

- a group is drawn by the frequency of its words, each language counted by its most frequent one: frequent words are
asked for, and a frequent word's
  rare senses come seldom, because few of the other languages' words there are frequent;
- from a group, a few words, each drawn by its frequency, so that a batch holds several positives for each;
- no word stands twice in a batch under two groups: it would be its own negative, and words that mean the same would
push each other away.
"""

import collections
import glob
import gzip
import os

import numpy

HEADER = "lang1 word1 lang2 word2 gloss1_lang gloss1 gloss2_lang gloss2 synset_id".split()
# A word of this rank weighs 1/√2 of the most frequent one.
HALF_RANK = 2_000
# A word beyond the lists is taken for one of this rank.
UNLISTED_RANK = 60_000
# Groups whose words stand in the batch already wait for another one; beyond so many the oldest are dropped.
WAITING_GROUPS = 20_000


def read_list(path, top):
    """Entries of a ranked list, most frequent first; split at line feeds only, as fastText lists need."""
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8", newline="\n") as file:
        return [entry for entry in file.read().split("\n") if entry][:top]


def read_dictionary(path):
    """-> (source language, target language, rows of two lower-cased words)."""
    source, target = os.path.basename(path).split(".")[0].split("-")
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8", newline="\n") as file:
        rows = [line.split("\t") for line in file.read().split("\n") if line]
    for number, row in enumerate(rows, 1):
        if len(row) != 2:
            raise ValueError(f"{path}:{number}: expected 2 tab-separated words, found {len(row)}")
    return source, target, [(first.strip().lower(), second.strip().lower()) for first, second in rows]


def dictionaries(folder, split):
    return sorted(glob.glob(os.path.join(folder, f"*.{split}.tsv"))
        + glob.glob(os.path.join(folder, f"*.{split}.tsv.gz")))


def words_of(paths):
    """Every word of these dictionaries, whatever its language: one spelled the same elsewhere gives the model the same
    input."""
    found = set()
    for path in paths:
        for row in read_dictionary(path)[2]:
            found.update(row)
    return found


def read_groups(mined, training_dictionaries, held_out):
    """-> {group: {language: [word, …]}}, in the order of the files; held-out words are left out in every language."""
    groups = collections.defaultdict(dict)

    def add(group, language, word):
        if word not in held_out and word not in groups[group].setdefault(language, []):
            groups[group][language].append(word)

    with open(mined, encoding="utf-8", newline="\n") as file:
        if file.readline().rstrip("\n").split("\t") != HEADER:
            raise ValueError(f"{mined}:1: not a table of 'train mine'")
        for line in file:
            cells = line.rstrip("\n").split("\t")
            add(cells[8], cells[0], cells[1].lower())
            add(cells[8], cells[2], cells[3].lower())
    for path in training_dictionaries:
        source, target, rows = read_dictionary(path)
        for first, second in rows:
            if first in held_out or second in held_out:
                continue
            add(f"dictionary:{source}:{first}", source, first)
            add(f"dictionary:{source}:{first}", target, second)
    return {group: words for group, words in groups.items() if sum(map(len, words.values())) >= 2}


class PairSource:
    """Draws groups, and words of them, without end.

    - Parameter ranks: {language: {word: position in its list}}
    """

    def __init__(self, groups, ranks, seed):
        def weight(language, word):
            return (1 + ranks.get(language, {}).get(word, UNLISTED_RANK) / HALF_RANK) ** -0.5

        self.names = list(groups)
        self.words, self.shares = [], []
        totals = numpy.zeros(len(groups))
        for number, languages in enumerate(groups.values()):
            words = [(language, word) for language in languages for word in languages[language]]
            shares = numpy.array([weight(*word) for word in words])
            best = {}
            for (language, _), share in zip(words, shares):
                best[language] = max(share, best.get(language, 0))
            # Two words of one language only: kept, for synonyms are asked for too, but they are not translations.
            totals[number] = sum(best.values()) * (1 if len(best) > 1 else 0.2)
            self.words.append(words)
            self.shares.append(shares / shares.sum())
        self.totals = totals / totals.sum()
        self.random = numpy.random.default_rng(seed)
        self.drawn, self.next = [], 0
        self.waiting = collections.deque()

    def group(self):
        if self.next == len(self.drawn):
            self.drawn, self.next = self.random.choice(len(self.names), 200_000, p=self.totals), 0
        self.next += 1
        return int(self.drawn[self.next - 1])

    def batch(self, size, rows_per_group):
        """`size` rows ((language, word), (language, word), group's name)."""
        rows, taken, owner, refused, retries = [], set(), {}, [], len(self.waiting)
        while len(rows) < size:
            if retries:
                group, retries = self.waiting.popleft(), retries - 1
            else:
                group = self.group()
            if group in taken:
                continue
            words = self.words[group]
            count = min(2 * rows_per_group, len(words) // 2 * 2)
            chosen = [words[i] for i in self.random.choice(len(words), count, replace=False, p=self.shares[group])]
            if any(owner.get(word, group) != group for _, word in chosen):
                refused.append(group)
                continue
            taken.add(group)
            owner.update((word, group) for _, word in chosen)
            rows += [(chosen[i], chosen[i + 1], self.names[group]) for i in range(0, count, 2)]
        self.waiting.extend(refused)
        while len(self.waiting) > WAITING_GROUPS:
            self.waiting.popleft()
        return rows[:size]


def write_batches(path, source, batches, size, rows_per_group):
    """The table `--sampling file` reads: `batches` times `size` rows, glosses empty."""
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(HEADER) + "\n")
        for _ in range(batches):
            for (language1, word1), (language2, word2), group in source.batch(size, rows_per_group):
                file.write(f"{language1}\t{word1}\t{language2}\t{word2}\t\t\t\t\t{group}\n")
