"""Single steps of a tokenizer.json, each in a tokenizer that spells its parts, for check-tokenizer-parity."""
import tokenizers


def metaspace(scheme, split):
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}


def splitter(pattern, behavior, invert=False):
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": behavior, "invert": invert}


BERT = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None,
    "lowercase": True}
LLAMA = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| "
         r"?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
NORMALIZERS = {
    **{name: {"type": name}
        for name in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt", "ByteLevel")},
    "BertNormalizer": BERT, "BertNormalizer cased": {**BERT, "lowercase": False},
    "BertNormalizer accents": {**BERT, "lowercase": False, "strip_accents": True, "clean_text": False,
        "handle_chinese_chars": False},
    "Strip": {"type": "Strip", "strip_left": True, "strip_right": True},
    "Prepend": {"type": "Prepend", "prepend": "▁x"},
    "Replace string": {"type": "Replace", "pattern": {"String": "a"}, "content": "ää"},
    "Replace spaces": {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
    "Replace \\s+": {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
    "Replace \\p{M}": {"type": "Replace", "pattern": {"Regex": r"\p{M}"}, "content": ""},
}
PRE_TOKENIZERS = {
    **{name: {"type": name} for name in ("BertPreTokenizer", "Whitespace", "WhitespaceSplit", "UnicodeScripts")},
    **{f"Punctuation {b}": {"type": "Punctuation", "behavior": b}
       for b in ("Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous")},
    "Digits": {"type": "Digits", "individual_digits": False},
    "Digits individual": {"type": "Digits", "individual_digits": True},
    "ByteLevel": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    **{f"Metaspace {s}": metaspace(s, s != "never") for s in ("always", "first", "never")},
    "Split Llama": splitter(LLAMA, "Isolated"), "Split \\d": splitter(r"\d{1,3}", "Contiguous"),
    "Split \\p{L}": splitter(r"\p{L}+|\p{N}+", "MergedWithNext"),
    "Split \\w inverted": splitter(r"\w+|[^\w\s]+", "Removed", True),
}


def spelling(normalizer, pre_tokenizer):
    """A tokenizer whose ids spell the bytes of every part, the first one of a part in another way."""
    bytes_ = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    letters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    vocabulary = ["<s>", "</s>", *letters, *("##" + letter for letter in letters)]
    # The ByteLevel steps map bytes themselves.
    steps = [pre_tokenizer] if pre_tokenizer else []
    if not (normalizer or {}).get("type") == "ByteLevel" and not (pre_tokenizer or {}).get("type") == "ByteLevel":
        steps.append(bytes_)
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": normalizer,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps},
            "post_processor": {"type": "BertProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0]}, "decoder": None,
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "##",
                "end_of_word_suffix": None,
                      "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                      "vocab": {piece: i for i, piece in enumerate(vocabulary)}, "merges": []}}
