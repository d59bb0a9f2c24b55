"""The WordPiece vocabulary of a model that starts from noise, and its tokenizer files."""

import collections
import json
import os

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# Of each list; pieces for rarer words are made of those for these.
TOP = 50_000
# Longest input in tokens: 62 pieces and two special tokens; words and short phrases.
POSITIONS = 64
# Others, a few exotic letters in foreign names, become [UNK].
CHARACTERS = 400


def copies(position):
    """How often an entry of a ranked list counts: Zipf's law, flattened, so that a language's endings weigh as well as
    its articles."""
    return 1 + int(8 / (1 + position / 2_000))


def alphabet(lists):
    """The most frequent characters of the lower-cased words, at most `CHARACTERS`. Chosen here: the trainer breaks ties
    among rare ones by chance."""
    counts = collections.Counter()
    for words in lists:
        for position, word in enumerate(words[:TOP]):
            for character in word.lower():
                counts[character] += copies(position)
    return sorted(sorted(counts, key=lambda character: (-counts[character], character))[:CHARACTERS])


def make(lists, size):
    """Pieces in id order, `[PAD]` first, from ranked lists of words. Accents stay: 'päällä' and 'paalla' are different
    words."""
    # Here, so that everything else works without the package.
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    characters = alphabet(lists)
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=SPECIAL, show_progress=False, initial_alphabet=characters,
        limit_alphabet=len(characters))
    tokenizer.train_from_iterator(
        (word for words in lists for position, word in enumerate(words[:TOP]) for _ in range(copies(position))),
        trainer)
    # In this order, because the trainer numbers single characters by chance.
    return SPECIAL + sorted(piece for piece in tokenizer.get_vocab() if piece not in SPECIAL)


def read(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        return file.read().split("\n")[:-1]


def write(folder, pieces):
    with open(os.path.join(folder, "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
        file.write("".join(piece + "\n" for piece in pieces))
    with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8", newline="\n") as file:
        json.dump({
            "tokenizer_class": "BertTokenizer", "do_lower_case": True, "strip_accents": False,
            "tokenize_chinese_chars": True,
            "model_max_length": POSITIONS, "pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]",
            "sep_token": "[SEP]",
            "mask_token": "[MASK]"}, file, indent=2)
        file.write("\n")
