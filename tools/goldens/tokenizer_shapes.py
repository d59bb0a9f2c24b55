"""Shapes of tokenizer.json that real checkpoints have, for make-tokenizer-goldens."""
# Members of tokenizer.json that real checkpoints have, each on one of the small models above: the base, the members
# that replace its own, and what becomes of its model ("model": other settings; "untyped": no type, as in files of 2020;
# "byte_pieces": pieces for bytes at the end of a Unigram vocabulary; "legacy_merges": "a b" for ["a", "b"]).
REPLACE_SPACES = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
LLAMA = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| "
         r"?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def sequence(*steps, key="normalizers"):
    return {"type": "Sequence", key: [step if isinstance(step, dict) else {"type": step} for step in steps]}


def cut(*steps):
    return sequence(*steps, key="pretokenizers")


def metaspace(scheme, split=True, replacement="▁"):
    return {"type": "Metaspace", "replacement": replacement, "prepend_scheme": scheme, "split": split}


def split(pattern, behavior, invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def bytes_of(prefix, regex=True):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}


STRIP = {"type": "Strip", "strip_left": False, "strip_right": True}
SHAPES = {
    # multilingual-e5, and what transformers 4.0 to 4.38 wrote for XLM-R.
    "metaspace-alone": ("xlmr", {"normalizer": lambda base: sequence(base["normalizer"], REPLACE_SPACES),
                                 "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}},
                                 {}),
    "metaspace-old": ("xlmr", {"pre_tokenizer": cut("WhitespaceSplit", {
        "type": "Metaspace", "replacement": "▁", "str_rep": "▁", "add_prefix_space": True})}, {"untyped": True}),
    "metaspace-first": ("xlmr", {"pre_tokenizer": metaspace("first")}, {}),
    "metaspace-first-stripped": ("xlmr", {"normalizer": {**STRIP, "strip_left": True},
                                          "pre_tokenizer": cut("Punctuation", metaspace("first"))}, {}),
    "metaspace-never": ("xlmr", {"normalizer": None, "pre_tokenizer": metaspace("never", split=False)}, {}),
    # transformers 4.39 and later.
    "strip-replace": ("xlmr", {"normalizer": lambda base: sequence(
        base["normalizer"], STRIP, {**REPLACE_SPACES, "content": "▁"}), "pre_tokenizer": metaspace("always")}, {}),
    "nmt-nfkc": ("xlmr", {"normalizer": sequence("Nmt", "NFKC", REPLACE_SPACES), "pre_tokenizer": metaspace("always")},
        {}),
    "albert": ("xlmr", {"normalizer": lambda base: sequence(
        {"type": "Replace", "pattern": {"String": "``"}, "content": '"'}, "NFKD", "StripAccents", "Lowercase",
        base["normalizer"],
        REPLACE_SPACES), "pre_tokenizer": cut("WhitespaceSplit", metaspace("always"))}, {}),
    "unigram-bytes": ("xlmr", {"pre_tokenizer": metaspace("always")}, {"byte_pieces": True}),
    "scripts": ("xlmr", {"pre_tokenizer": cut("UnicodeScripts", "Whitespace", metaspace("always"))}, {}),
    # BERT's model with other steps.
    "untyped": ("uncased", {}, {"untyped": True}),
    "nested": ("uncased", {"normalizer": sequence(sequence("NFD", "Lowercase"), sequence("StripAccents", sequence())),
                           "pre_tokenizer": cut(cut("Whitespace"), {"type": "Punctuation", "behavior": "Contiguous"},
                                                {"type": "Digits", "individual_digits": True})}, {}),
    "whitespace-split": ("uncased", {"normalizer": {"type": "NFC"}, "pre_tokenizer": {"type": "WhitespaceSplit"}}, {}),
    "no-pre-tokenizer": ("uncased", {"normalizer": {"type": "NFKD"}, "pre_tokenizer": None}, {}),
    "punctuation-removed": ("uncased",
        {"pre_tokenizer": cut("WhitespaceSplit", {"type": "Punctuation", "behavior": "Removed"})}, {}),
    "punctuation-previous": ("uncased", {"pre_tokenizer": cut(
        {"type": "Punctuation", "behavior": "MergedWithPrevious"}, "WhitespaceSplit",
        {"type": "Digits", "individual_digits": False})}, {}),
    "punctuation-next": ("uncased", {"pre_tokenizer": cut(
        {"type": "Punctuation", "behavior": "MergedWithNext"}, "WhitespaceSplit")}, {}),
    "split-string": ("uncased", {"pre_tokenizer": cut(split("a", "MergedWithNext", kind="String"), "BertPreTokenizer")},
        {}),
    "split-inverted": ("uncased", {"pre_tokenizer": split(r"\w+|[^\w\s]+", "Removed", invert=True)}, {}),
    "split-empty": ("uncased", {"pre_tokenizer": cut("WhitespaceSplit", split("o*", "Isolated"))}, {}),
    "delimiter": ("uncased", {"normalizer": {"type": "Prepend", "prepend": "a"},
                              "pre_tokenizer": cut({"type": "CharDelimiterSplit", "delimiter": "e"},
                                  {"type": "FixedLength", "length": 3})}, {}),
    "roberta-frame": ("cased",
        {"post_processor": {"type": "RobertaProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2],
                                                   "trim_offsets": True, "add_prefix_space": True}}, {}),
    "bert-frame": ("cased", {"post_processor": {"type": "Sequence", "processors": [
        {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}, bytes_of(True)]}}, {}),
    "other-prefix": ("uncased", {}, {"model": {"continuing_subword_prefix": "", "max_input_chars_per_word": 12}}),
    # Byte-level BPE: ModernBERT, Llama 3, and with the prefix space of RoBERTa's fine-tunings.
    "modernbert": ("bytelevel", {"normalizer": {"type": "NFC"}, "post_processor": {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                                                  {"SpecialToken": {"id": "</s>", "type_id": 0}}],
        "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                 {"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}},
                 {"SpecialToken": {"id": "</s>", "type_id": 0}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]},
            "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}}}, {}),
    "llama": ("bytelevel", {"pre_tokenizer": cut(split(LLAMA, "Isolated"), bytes_of(False, regex=False))},
              {"model": {"ignore_merges": True}, "untyped": True}),
    "prefix-space": ("bytelevel", {"pre_tokenizer": bytes_of(True)}, {"legacy_merges": True}),
    "byte-normalizer": ("bytelevel",
        {"normalizer": sequence("NFC", "ByteLevel"), "pre_tokenizer": split("Ġ", "MergedWithNext", kind="String")}, {}),
    "no-fallback": ("bytefallback",
        {"pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}},
                    {"model": {"byte_fallback": False, "fuse_unk": False}}),
    # Small vocabularies of their own.
    "clip": ("bytelevel", {"normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"}}, {"model": {
        "vocab": {t: i for i,
            t in enumerate(["<s>", "<pad>", "</s>", "<unk>", "<mask>", *"aehosuxy", "e</w>", "s</w>", "y</w>", "ou",
                "se</w>",
                                              "hou", "house</w>", "us", "use</w>", "o</w>"])},
        "merges": [["o", "u"], ["s", "e</w>"], ["h", "ou"], ["hou", "se</w>"], ["u", "s"], ["us", "e</w>"]],
        "unk_token": "<unk>",
        "end_of_word_suffix": "</w>"}}),
    "bpe-prefix": ("bytelevel", {"normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"}},
        {"model": {
        "vocab": {t: i for i,
            t in enumerate(["<s>", "<pad>", "</s>", "<unk>", "<mask>", *"aehosu", "##o", "##u", "##s", "##e", "ho",
                "##us",
                                              "hous", "##se", "##ou", "hou"])},
        "merges": [["##u", "##s"], ["h", "##o"], ["ho", "##us"], ["##o", "##u"], ["ho", "##u"], ["##s", "##e"]],
        "unk_token": "<unk>",
        "fuse_unk": True, "continuing_subword_prefix": "##"}}),
    "word-level": ("uncased", {"pre_tokenizer": {"type": "Whitespace"}}, {"model": {
        "type": "WordLevel", "unk_token": "[UNK]",
        "vocab": {t: i for i,
            t in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "house", "a", "talo", ".", "haus"])}}}),
}


def composed(base, patch, options):
    """The tokenizer.json of a shape; Tests/EncoderTests/Tokenizer/TokenizerFixtures.swift does the same."""
    model = {**base["model"], **options.get("model", {})}
    if options.get("untyped"):
        del model["type"]
    if options.get("byte_pieces"):
        model["vocab"] = model["vocab"] + [[f"<0x{byte:02X}>", -20.0] for byte in range(256)]
        model["byte_fallback"] = True
    if options.get("legacy_merges"):
        model["merges"] = [" ".join(pair) for pair in model["merges"]]
    return {**base, **patch, "model": model}
