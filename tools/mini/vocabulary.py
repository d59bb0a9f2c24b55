"""The WordPiece vocabulary of a model that starts from noise, and its tokenizer files."""

import json
import os

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# Of each list; pieces for rarer words are made of those for these.
TOP = 50_000
# Longest input in tokens: 62 pieces and two special tokens; words and short phrases.
POSITIONS = 64


def copies(position):
    """How often an entry of a ranked list counts: Zipf's law, flattened, so that a language's endings weigh as well as its articles."""
    return 1 + int(8 / (1 + position / 2_000))


def make(lists, size):
    """Pieces in id order, from ranked lists of words. Accents stay: 'päällä' and 'paalla' are different words."""
    # Here, so that everything else works without the package.
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=SPECIAL, show_progress=False, limit_alphabet=400)
    tokenizer.train_from_iterator(
        (word for words in lists for position, word in enumerate(words[:TOP]) for _ in range(copies(position))), trainer)
    return [piece for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]


def write(folder, pieces):
    with open(os.path.join(folder, "vocab.txt"), "w", encoding="utf-8", newline="\n") as file:
        file.write("".join(piece + "\n" for piece in pieces))
    with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8", newline="\n") as file:
        json.dump({
            "tokenizer_class": "BertTokenizer", "do_lower_case": True, "strip_accents": False, "tokenize_chinese_chars": True,
            "model_max_length": POSITIONS, "pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]",
            "mask_token": "[MASK]"}, file, indent=2)
        file.write("\n")
