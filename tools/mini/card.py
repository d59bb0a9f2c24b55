"""The model card of models/mini: how it was made, what it scores and had seen, whose data it was made from."""

import json
import os

from . import scores

# columns: any; the texts are Markdown.

SOURCES = """| data | used for | licence |
|---|---|---|
| Open English WordNet 2024 (English lemmas and glosses; WordNet 3.0 ids by the Collaborative Interlingual Index) | synsets | CC BY 4.0, WordNet licence |
| Open Multilingual Wordnet: WOLF (fr), MultiWordNet and ItalWordNet (it), Multilingual Central Repository (es), Croatian WordNet (hr) | synsets | CeCILL-C; CC BY 3.0 and ODC-BY; CC BY 3.0; CC BY 3.0 |
| Wiktionary alignments of the Open Multilingual Wordnet (all nine languages) | synsets | CC BY-SA |
| Unicode CLDR names | synsets | Unicode licence |
| fastText Wikipedia vectors, their first 100,000 words (de en fi fr hr it ru tr) | word lists | CC BY-SA 3.0 |
| wordfreq (es) | word list | CC BY-SA 4.0 |
| G-BLI training dictionaries (xling-eval) | pairs | none stated; babelbert redistributes them under MIT |

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


def training(folders):
    """-> (steps of each training, mean loss of the last 100 steps, seconds of all steps divided by the pairs of one)"""
    counts, losses, seconds = [], [], 0.0
    for folder in folders:
        with open(os.path.join(folder, "metrics.jsonl"), encoding="utf-8") as file:
            rows = [row for row in map(json.loads, file) if "loss" in row]
        counts.append(len(rows))
        losses += [row["loss"] for row in rows]
        seconds += sum(1 / row["pairs_per_second"] for row in rows if row["pairs_per_second"])
    return counts, sum(losses[-100:]) / len(losses[-100:]), seconds


def write(path, results, held_out_results, trained, numbers):
    (steps, settling), loss, seconds_per_pair = training(trained)
    batch = numbers["batch"]
    shared = scores.means(results, "shared")
    text = f"""# mini: a small multilingual lexical encoder

Knows single words of nine languages: English, German, Spanish, Finnish, French, Croatian, Italian, Russian, Turkish. Words that mean the same have similar vectors:
the mean of a word's own pieces at layer {numbers["layers"]}, compared by cosine. Made by `tools/make-mini` with Polylex alone; it comes with the repository so that
`tools/demo`, the tests and you can ask something real within minutes. It is no substitute for a specialised mBERT or XLM-R, and knows nothing of sentences.

```sh
indexer build --checkpoint mini=models/mini --vocabularies samples/vocabularies
query translate house --from en --to fi --checkpoint mini
```

## How it was made

A BERT of {numbers["layers"]} layer × {numbers["hidden"]} (feed-forward {numbers["intermediate"]:,}, {numbers["hidden"] // 64} heads) over {numbers["pieces"]:,} lower-cased WordPieces (accents kept), from random weights; stored as F16.
Trained by `train specialize` on pairs of `train mine` with its seed and gloss rules off and words from the first 50,000 of each list, and of the G-BLI training
dictionaries: {numbers["groups"]:,} groups of words that mean the same. Groups are drawn by the frequency of their words; a batch of {batch:,} pairs holds up to
{numbers["rows_per_group"]} pairs of a group and no word under two groups; a word is cut anew each time, every piece but the shortest dropped with a probability
of {numbers["piece_dropout"]:g} (MaxMatch-Dropout: what is learnt of a word's parts serves words not seen). NT-Xent at τ = {numbers["temperature"]}, AdamW at {numbers["rate"]:g}, {numbers["warm_up"]:.0%} warm-up, linear decay,
{steps:,} steps; then {settling:,} steps at {numbers["settling_rate"]:g} with words cut as always. {(steps + settling) * batch / 1e6:.1f} million pairs in {batch * seconds_per_pair / 60:.0f} minutes of wall time, with whatever else the machine did. Mean loss of the last 100 steps: {loss:.2f}.

```sh
tools/make-mini --held-out --out work/mini/held-out --synsets synsets.jsonl.gz --vocabularies bli/vocab vocab --dictionaries bli/glavas
tools/make-mini --synsets synsets.jsonl.gz --vocabularies bli/vocab vocab --dictionaries bli/glavas
```

The same inputs give the same pairs and, on processors of one kind, the same weights. The pieces are those of `vocab.txt` here, learnt from the same lists before the
choice of the rarest characters was made repeatable; `--new-pieces` learns them anew, the same ones each time.

## What it scores, and what it had seen

G-BLI test rows (freq sets) whose two words are among the first {scores.TOP:,} of their vocabularies, ranked by cosine against the target's first {scores.TOP:,} words; a candidate
spelled like the query is left out unless it is the gold. Means are over the 28 pairs.

### This model

**Its training had seen most of these words.** {numbers["held_out"]:,} spellings were held out of it, in every language: the test split of `samples/dictionaries`. Rows "sharing a synset" have both words in one synset of
the mined data: translations it could learn. "Seen" rows have both words in one group of its training; "not seen" rows do not, though most of their words stand
in other groups. On rows sharing a synset it reaches P@1 {shared["p1"]:.3f} and MRR {shared["mrr"]:.3f}.

{table(results, ["shared", "seen", "unseen"], ["sharing a synset", "seen", "not seen"])}

### The same recipe with every word of the test sets held out

"""
    if held_out_results is None:
        text += "Not run yet: `tools/make-mini --held-out`.\n"
    else:
        text += f"""What generalises to words no training group held, in any language, from pieces and cognates alone. That model is not shipped.

{table(held_out_results, ["all", "shared"], ["all rows", "sharing a synset"])}
"""
    text += f"""
## Data and licences

{SOURCES}
"""
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
