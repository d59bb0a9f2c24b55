"""What the student learns beside single words: glosses of the synsets, and sequences of words.

Glosses are sentences, but there are few languages of them; a sequence of words of any language shows the student how a
teacher puts words together.
"""

import gzip
import json
import os
import random

CODES = {"de": "deu", "en": "eng", "es": "spa", "fi": "fin", "fr": "fra", "hr": "hrv", "it": "ita", "ru": "rus",
         "tr": "tur"}
# Of a gloss, in characters: the longest are definitions of half a page.
LONGEST_GLOSS = 160
# Glosses of a language other than English that are taken.
MOST_GLOSSES = 10_000
# Words of a sequence are drawn from the first so many of a list, about as often as texts have them (Zipf's law with
# Mandelbrot's shift).
WORDS, SHIFT = 20_000, 50
SHORTEST_SEQUENCE, LONGEST_SEQUENCE = 3, 9


def glosses(synsets, languages):
    """{language: [gloss, …]}, each once, sorted, from a file of 'train mine'."""
    found = {language: set() for language in languages}
    opened = gzip.open if synsets.endswith(".gz") else open
    with opened(synsets, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                pairs = [(entry["lang"], entry["gloss"]) for entry in json.loads(line)["glosses"]]
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{synsets}:{number}: expected a synset with glosses ({error})") from None
            for language, gloss in pairs:
                if language in found and "\n" not in gloss and len(gloss) < LONGEST_GLOSS and gloss.strip():
                    found[language].add(gloss.strip())
    return {language: sorted(texts) for language, texts in found.items()}


def sequences(words, count, draw):
    """`count` texts of a few words of a ranked list."""
    words = words[:WORDS]
    weights = [1 / (place + SHIFT) for place in range(len(words))]
    return [
        " ".join(draw.choices(words, weights, k=draw.randint(SHORTEST_SEQUENCE, LONGEST_SEQUENCE)))
        for _ in range(count)
    ]


def write(folder, synsets, ranked, count, seed):
    """Files of `tatoeba.deu-eng.deu`'s kind that are not parallel: a store takes sentences in pairs, and it is their
    vectors alone that are wanted.

    Per language of `ranked` but English `count` sequences of words and its glosses, and as many English texts: `count`
    glosses, other ones for each language, then sequences.
    """
    os.makedirs(folder, exist_ok=True)
    draw = random.Random(seed)
    having = [language for language in ("en", "it") if language in ranked]
    found = glosses(synsets, having)
    for language in having:
        draw.shuffle(found[language])
    others = iter(found["en"])
    for language in ranked:
        if language == "en":
            continue
        texts = sequences(ranked[language], count, draw)
        english = [gloss for _, gloss in zip(range(count), others)]
        texts += found.get(language, [])[:MOST_GLOSSES]
        english += sequences(ranked["en"], len(texts) - len(english), draw)
        name = f"tatoeba.{CODES[language]}-eng."
        for code, lines in ((CODES[language], texts), ("eng", english)):
            with open(os.path.join(folder, name + code), "w", encoding="utf-8", newline="\n") as file:
                file.write("".join(line + "\n" for line in lines))
