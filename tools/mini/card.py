"""The model card of models/mini: how it was made, what it scores and had seen, whose data it was made from."""

import json
import os

from . import scores

# columns: any; the texts are Markdown.

SOURCES = """| data | used for | licence |
|---|---|---|
| Open English WordNet 2024 (English lemmas and glosses; WordNet 3.0 ids by the Collaborative Interlingual Index) | synsets, texts | CC BY 4.0, WordNet licence |
| Open Multilingual Wordnet: WOLF (fr), MultiWordNet and ItalWordNet (it), Multilingual Central Repository (es), Croatian WordNet (hr) | synsets | CeCILL-C; CC BY 3.0 and ODC-BY; CC BY 3.0; CC BY 3.0 |
| Wiktionary alignments of the Open Multilingual Wordnet (all nine languages) | synsets | CC BY-SA |
| Unicode CLDR names | synsets | Unicode licence |
| fastText Wikipedia vectors, their first 100,000 words (de en fi fr hr it ru tr) | word lists | CC BY-SA 3.0 |
| wordfreq (es) | word list | CC BY-SA 4.0 |
| G-BLI training dictionaries (xling-eval) | pairs | none stated; babelbert redistributes them under MIT |
| multilingual-e5-small (Wang et al. 2024), specialised with 10,000 pairs of the synsets above | teacher | MIT |

Weights and `vocab.txt` were made from these; none of the data itself is in the folder."""


def row(name, result, kinds):
    cells = []
    for kind in kinds:
        numbers = result[kind]
        cells += [f"{numbers['queries']:,}", f"{numbers['p1']:.3f}",
            f"{numbers['mrr']:.3f}"] if numbers["queries"] else ["0", "", ""]
    return f"| {name} | " + " | ".join(cells) + " |"


def table(results, kinds, titles):
    """One line a pair, three columns (rows asked, P@1, MRR) a kind of rows, and the mean."""
    head = " | ".join(f"{title} | P@1 | MRR" for title in titles)
    lines = [f"| pair | {head} |", "|---|" + "---:|" * (3 * len(kinds))]
    lines += [row(result["pair"], result, kinds) for result in results]
    lines.append(row("**mean**", {kind: scores.means(results, kind) for kind in kinds}, kinds))
    return "\n".join(lines)


def training(folder, unit):
    """-> (steps, mean loss of the last 100, seconds of all steps divided by the examples of one)"""
    with open(os.path.join(folder, "metrics.jsonl"), encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if "loss" in row]
    losses = [row["loss"] for row in rows[-100:]]
    rates = [row[f"{unit}_per_second"] for row in rows]
    return len(rows), sum(losses) / len(losses), sum(1 / rate for rate in rates if rate)


def sentence_table(found):
    """Two lines: the sets, and how many sentences find their translation."""
    names = sorted(found)
    mean = sum(found.values()) / len(found)
    return "\n".join([
        "| Tatoeba | " + " | ".join(names) + " | **mean** |", "|---|" + "---:|" * (len(names) + 1),
        "| accuracy | " + " | ".join(f"{found[name]:.3f}" for name in names) + f" | {mean:.3f} |"])


def write(path, own, held_out, distilled, specialized, numbers):
    """own, held_out: {"words": [...], "sentences": {...}}, the second None when that run has not been made."""
    taught, distance, seconds_per_text = training(distilled, "texts")
    steps, loss, seconds_per_pair = training(specialized, "pairs")
    batch, distill_batch = numbers["batch"], numbers["distill_batch"]
    shared = scores.means(own["words"], "shared")
    text = f"""# mini: a small multilingual lexical encoder

Knows words of nine languages: English, German, Spanish, Finnish, French, Croatian, Italian, Russian, Turkish, and of their sentences what their words tell. What means the same has similar vectors:
the mean of a text's own pieces at layer {numbers["layers"]}, compared by cosine. Made by `tools/make-mini` with Polylex alone; it comes with the repository so that
`tools/demo`, the tests and you can ask something real within minutes. It is no substitute for a specialised mBERT or XLM-R.

```sh
indexer build --checkpoint mini=models/mini --vocabularies samples/vocabularies
query translate house --from en --to fi --checkpoint mini
```

## How it was made

A BERT of {numbers["layers"]} layer × {numbers["hidden"]} (feed-forward {numbers["intermediate"]:,}, {numbers["hidden"] // 64} heads) over {numbers["pieces"]:,} lower-cased WordPieces (accents kept), from random weights; stored as F16.

1. **Taught** (`train distill`): the teacher is multilingual-e5-small half-way to its specialisation (`e5-half` of `tools/reproduce`, 118 million parameters), whose pairs held no test word. The student learnt the teacher's
   vectors of the first {numbers["taught_top"]:,} words of each list, of glosses of the synsets (English and Italian), and of {numbers["sequences"]:,} random sequences of words of each language, each language's mean subtracted: cosine loss, batches of {distill_batch},
   AdamW at {numbers["distill_rate"]:g}, {numbers["warm_up"]:.0%} warm-up, linear decay, {numbers["epochs"]} epochs, {taught:,} steps, {distill_batch * seconds_per_text / 60:.0f} minutes of wall time on two cores with whatever else the machine did. Mean loss of the last 100 steps: {distance:.3f}.
2. **Specialised** (`train specialize`) on pairs of `train mine` with its seed and gloss rules off and words from the first 50,000 of each list, and of the G-BLI training dictionaries:
   {numbers["groups"]:,} groups of words that mean the same. Groups are drawn by the frequency of their words; a batch of {batch:,} pairs holds up to {numbers["rows_per_group"]} pairs of a group and no word under two groups.
   NT-Xent at τ = {numbers["temperature"]}, AdamW at {numbers["rate"]:g}, {numbers["warm_up"]:.0%} warm-up, linear decay, {steps:,} steps, {batch * seconds_per_pair / 60:.0f} minutes. Mean loss of the last 100 steps: {loss:.2f}.
3. **The mean** (`train interpolate`) of both, {numbers["share"]:.0%} of it specialised.

```sh
tools/make-mini --held-out --teacher models/e5-half --synsets synsets.jsonl.gz --vocabularies bli/vocab vocab --dictionaries bli/glavas --tatoeba tatoeba
tools/make-mini --teacher models/e5-half --synsets synsets.jsonl.gz --vocabularies bli/vocab vocab --dictionaries bli/glavas --tatoeba tatoeba
```

The same inputs give the same pairs and, on processors of one kind, the same weights. The pieces are those of `vocab.txt` here, learnt from the same lists before the
choice of the rarest characters was made repeatable; `--new-pieces` learns them anew, the same ones each time.

## What it scores, and what it had seen

Words: G-BLI test rows (freq sets) whose two words are among the first {scores.TOP:,} of their vocabularies, ranked by cosine against the target's first {scores.TOP:,} words; a candidate
spelled like the query is left out unless it is the gold. Means are over the 28 pairs. Sentences: those of a Tatoeba set whose nearest English one is their translation; it had seen none of them.

### This model

**Its training had seen most of these words.** {numbers["held_out"]:,} spellings were held out of its pairs, in every language: the test split of `samples/dictionaries`. Rows "sharing a synset" have both words in one synset of
the mined data: translations it could learn. "Seen" rows have both words in one group of its training; "not seen" rows do not, though most of their words stand
in other groups. On rows sharing a synset it reaches P@1 {shared["p1"]:.3f} and MRR {shared["mrr"]:.3f}.

{table(own["words"], ["shared", "seen", "unseen"], ["sharing a synset", "seen", "not seen"])}
"""
    if own["sentences"]:
        text += f"\n{sentence_table(own['sentences'])}\n"
    text += "\n### The same recipe with every word of the test sets held out\n\n"
    if held_out is None:
        text += "Not run yet: `tools/make-mini --held-out`.\n"
    else:
        text += f"""No pair of this training, or of the teacher's specialisation, held a word of the test sets, in any language: what it knows of them it knows from the teacher, pieces and cognates. That model is not shipped.

{table(held_out["words"], ["all", "shared"], ["all rows", "sharing a synset"])}
"""
        if held_out["sentences"]:
            text += f"\n{sentence_table(held_out['sentences'])}\n"
    text += f"""
## Data and licences

{SOURCES}
"""
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
