"""Small stand-ins for what the documents' readers have: a checkpoint, vocabularies, dictionaries, synsets, tables.

Made once for a run of the check; each document gets copies of what it names, where it names it. Words are those of
samples/concepts.tsv where it has the language, else made up from a seed, so everything is the same every time.
"""

import csv
import gzip
import json
import os
import pickle
import random
import shutil
import struct
import subprocess
import zipfile

# Those of the samples first: their words are real.
LANGUAGES = "en de fi fr it ru hr tr af el es nl pt ro uk th et ko ka hu id pl sw eu lt".split()
FEW = LANGUAGES[:6]
CODES = {"en": "eng", "fi": "fin", "de": "deu"}
# Rows of samples/concepts.tsv: synsets are made of the first, dictionaries of the second.
SYNSETS, TESTED = range(80, 200), range(240, 300)
PAIRS = "en-fi en-it en-de de-ru de-it en-fr th-et ko-ka id-tr hu-et".split()
# XTREME-R's languages and PanLex-BLI's.
TYPOLOGY = (
    "af ar az bg bn ca de el en eo es et eu fa fi fr gu he hi ht hu id it ja jv ka kk ko lt ml mr ms my nl no pa pl "
    "pt qu ro ru sw ta te th tl tr uk ur vi wo yo zh").split()
SAMPLES = ["af de el en es fr nl pt ro uk", "af en hi it ms nl pt ro ru uk", "ar de el en ja jv kk my sw ur"]
EVALUATIONS = {"dictionaries": "dictionaries", "multisimlex": "samples/similarity", "fasttext": "few-vocabularies",
               "tatoeba": "samples/sentences"}
FETCHED = {"data/models/mbert-uncased": "checkpoint", "data/vocabularies": "few-vocabularies",
           "data/tatoeba": "samples/sentences", "data/dictionaries/gbli": "dictionaries",
           "data/dictionaries/panlex-bli": "dictionaries", "data/multisimlex": "samples/similarity"}
PAPER = {"models/mbert": "checkpoint", "models/minilm": "checkpoint", "fasttext": "vocabularies",
         "bli/glavas": "packed-dictionaries", "bli/panlex": "packed-dictionaries", "bli/vocab": "vocabularies",
         "xlsim": "samples/similarity", "tatoeba": "samples/sentences", "tatoeba16": "samples/sentences",
         "vocab": "vocabularies", "synsets.jsonl.gz": "synsets.jsonl.gz", "babelbert.csv": "constraints.csv",
         "syntax_knn.csv": "typology.csv", "samples.txt": "samples.txt"}
# Document -> what is there when its reader begins -> the stand-in.
PLACES = {
    "README.md": {
        **EVALUATIONS, "downloads/bert-base-multilingual-cased": "legacy", "constraints.tsv": "constraints.tsv",
        "en-it.train.tsv": "dictionaries/en-it.train.tsv", "wordnets": "wordnets", "vocab": "vocabularies",
        "syntax_knn.csv": "typology.csv"},
    "docs/tutorial.md": {**FETCHED, "data/constraints/babelbert.csv": "constraints.csv"},
    "docs/fetch.md": FETCHED,
    "docs/dataset.md": {"constraints.tsv": "constraints.tsv", "syntax_knn.csv": "typology.csv",
                        "samples.txt": "samples.txt", "feature_predictions.npz": "typology.npz"},
    "docs/indexer.md": {"models/mbert": "checkpoint", "models/e5": "checkpoint", **EVALUATIONS},
    "docs/mining.md": {
        "synsets.jsonl.gz": "synsets.jsonl.gz", "vocab": "vocabularies", "wordfreq": "vocabularies",
        "wns": "wordnets", "wikt": "wordnets-2", "oewn.xml.gz": "oewn.xml.gz", **EVALUATIONS,
        "../shared/data/synsets/synsets.jsonl.gz": "synsets.jsonl.gz", "../shared/data/vocab": "vocabularies",
        "../shared/data/constraints/stopwords_en.txt": "stopwords.txt"},
    "docs/nightly.md": {
        "models/mbert": "checkpoint", "models/babelbert": "checkpoint", "fasttext": "few-vocabularies",
        "tatoeba": "samples/sentences", "dictionaries/glavas": "dictionaries", "dictionaries/panlex": "dictionaries",
        "multisimlex": "samples/similarity"},
    "docs/query.md": {
        "models/mbert": "checkpoint", "models/e5": "checkpoint", "models/babelbert": "checkpoint",
        "fasttext": "few-vocabularies", "tatoeba": "samples/sentences", "dictionaries/glavas": "dictionaries",
        "dictionaries/panlex": "dictionaries", "multisimlex": "samples/similarity", "list.txt": "words.txt",
        "words.tsv": "words.txt"},
    "docs/reproducing-the-paper.md": PAPER,
    "docs/results.md": {**PAPER, "models/e5": "checkpoint", "data/tatoeba": "samples/sentences"},
    "docs/scale.md": {"shared/mbert": "checkpoint", "shared/wiki": "vocabularies",
                      "shared/panlex": "dictionaries"},
    "docs/specialize.md": {
        "models/mbert": "checkpoint", "models/small": "checkpoint",
        **{f"models/babelbert.{n}": "checkpoint" for n in (1, 2, 3)},
        "constraints.tsv": "constraints.tsv", **EVALUATIONS},
    "docs/store.md": {"models/mbert": "checkpoint", "fasttext": "few-vocabularies"},
    "docs/tokenizers.md": {"words.txt": "words.txt"},
}


def word(language, concept, variant):
    draw = random.Random(f"{language} {concept} {variant}")
    syllables = draw.choice((2, 3, 3))
    return "".join(draw.choice("bdfghklmnprstv") + draw.choice("aeiou") for _ in range(syllables)) + draw.choice("nrst")


class StandIns:
    def __init__(self, root, folder, programs):
        self.root, self.folder, self.programs = root, folder, programs
        with open(os.path.join(root, "samples", "concepts.tsv"), encoding="utf-8") as file:
            self.concepts = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        self.checkpoint()
        self.legacy_checkpoint()
        self.texts()
        self.dictionaries()
        self.synsets()
        self.typology()
        self.constraints()

    def path(self, *parts):
        path = os.path.join(self.folder, *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, name, lines):
        with open(self.path(*name.split("/")), "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)

    def lemma(self, language, concept, variant=0):
        real = self.concepts[concept].get(language) if variant == 0 else None
        return real if real and " " not in real else word(language, concept, variant)

    def place(self, document, clone):
        """Copies of what the document's reader has."""
        for name, stand_in in PLACES.get(document, {}).items():
            inside = stand_in.startswith("samples/")
            source, target = os.path.join(self.root if inside else self.folder, stand_in), os.path.join(clone, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            (shutil.copytree if os.path.isdir(source) else shutil.copyfile)(source, target)

    # ---- what they are made of ----

    def checkpoint(self):
        """mBERT's twelve layers, very narrow."""
        subprocess.run(
            [os.path.join(self.root, "tools", "make-random-checkpoint"), self.path("checkpoint"), "--layers", "12",
             "--hidden", "32", "--heads", "2", "--intermediate", "64", "--vocabulary", "1500", "--positions", "64"],
            check=True, capture_output=True)

    def legacy_checkpoint(self):
        """The same as a folder with a pytorch_model.bin, a pickle in a zip archive as torch.save writes it."""
        source, target = self.path("checkpoint"), self.path("legacy", "pytorch_model.bin")
        for name in os.listdir(source):
            if name != "model.safetensors":
                shutil.copyfile(os.path.join(source, name), self.path("legacy", name))
        with open(os.path.join(source, "model.safetensors"), "rb") as file:
            data = file.read()
        length = struct.unpack_from("<Q", data)[0]
        header = json.loads(data[8:8 + length])
        header.pop("__metadata__", None)

        def text(value):
            return pickle.BINUNICODE + struct.pack("<I", len(value.encode())) + value.encode()

        def numbers(values):
            return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"

        with zipfile.ZipFile(target, "w") as archive:
            described = b"\x80\x02}("
            for key, (name, entry) in enumerate(header.items()):
                shape, (begin, end) = entry["shape"], entry["data_offsets"]
                strides = [1]
                for extent in reversed(shape[1:]):
                    strides.insert(0, strides[0] * extent)
                storage = (b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text(str(key)) + text("cpu")
                           + b"J" + struct.pack("<i", (end - begin) // 4) + b"tQ")
                described += (text(name) + b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"J\0\0\0\0"
                              + numbers(shape) + numbers(strides) + b"\x89ccollections\nOrderedDict\n)RtR")
                archive.writestr(f"archive/data/{key}", data[8 + length + begin:8 + length + end])
            archive.writestr("archive/data.pkl", described + b"u.")
            archive.writestr("archive/version", "3\n")

    def texts(self):
        for language in LANGUAGES:
            frequent = [self.lemma(language, concept) for concept in range(TESTED.stop)]
            rare = [self.lemma(language, concept, variant) for concept in SYNSETS for variant in (1, 2)]
            self.write(f"vocabularies/{language}.txt", dict.fromkeys(frequent + rare))
            if language in FEW:
                self.write(f"few-vocabularies/{language}.txt", dict.fromkeys(frequent))
        self.write("words.txt", [self.lemma("en", concept) for concept in SYNSETS])
        self.write("stopwords.txt", ["the", "a", "of"])

    def dictionaries(self):
        for pair in PAIRS:
            source, target = pair.split("-")
            for kind, concepts in (("test", TESTED[:40]), ("train", TESTED[40:])):
                rows = [f"{self.lemma(source, c)}\t{self.lemma(target, c)}" for c in concepts]
                self.write(f"dictionaries/{pair}.{kind}.tsv", rows)
                with gzip.open(self.path("packed-dictionaries", f"{pair}.{kind}.tsv.gz"), "wt", encoding="utf-8") as f:
                    f.write("\n".join(rows) + "\n")

    def synsets(self):
        with gzip.open(self.path("synsets.jsonl.gz"), "wt", encoding="utf-8") as file:
            for concept in SYNSETS:
                lemmas = [{"lang": language, "lemma": self.lemma(language, concept, variant), "source": "WN"}
                          for language in LANGUAGES for variant in (0, 1, 2)]
                glosses = [{"lang": language, "gloss": f"{concept} {language}"} for language in LANGUAGES]
                print(json.dumps({"id": f"bn:{concept:08d}n", "pos": "n", "named_entity": False, "lemmas": lemmas,
                                  "glosses": glosses}, ensure_ascii=False), file=file)
        for folder, kind, languages in (("wordnets", "data", LANGUAGES), ("wordnets-2", "wikt", ("en", "fi"))):
            for language in languages:
                code = CODES.get(language, language)
                rows = [f"# Stand-in\t{code}\thttps://example.org\tCC0"]
                for concept in SYNSETS:
                    rows += [f"{concept:08d}-n\t{code}:lemma\t{self.lemma(language, concept, variant)}"
                             for variant in (0, 1, 2)]
                    rows.append(f"{concept:08d}-n\t{code}:def\t0\t{concept} {language}")
                self.write(f"{folder}/wn-{kind}-{code}.tab", rows)
        entries, synsets = [], []
        for concept in SYNSETS:
            entries.append(f'<LexicalEntry id="e{concept}"><Lemma writtenForm="{self.lemma("en", concept)}" '
                           f'partOfSpeech="n"/><Sense id="s{concept}" synset="oewn-{concept}-n"/></LexicalEntry>')
            synsets.append(f'<Synset id="oewn-{concept}-n" ili="i{concept}" partOfSpeech="n"><Definition>{concept}'
                           "</Definition></Synset>")
        with gzip.open(self.path("oewn.xml.gz"), "wt", encoding="utf-8") as file:
            file.write('<?xml version="1.0" encoding="UTF-8"?>\n<LexicalResource><Lexicon id="oewn" label="Stand-in" '
                       'language="en" email="a@example.org" license="CC0" version="1">'
                       + "".join(entries + synsets) + "</Lexicon></LexicalResource>\n")

    def typology(self):
        features = [f"S_{number}" for number in range(30)]
        rows = {language: [random.Random(f"{language} {f}").randrange(2) for f in features] for language in TYPOLOGY}
        self.write("typology.csv", [",".join(["language"] + features)]
                   + [",".join([language] + [str(value) for value in values]) for language, values in rows.items()])
        self.write("samples.txt", SAMPLES)
        with zipfile.ZipFile(self.path("typology.npz"), "w") as archive:
            data = b"".join(struct.pack("<f", value) for values in rows.values() for value in values)
            for name, kind, shape, content in (
                    ("langs", "<U2", (len(rows),), self.array_of_text(rows, 2)),
                    ("feats", "<U4", (len(features),), self.array_of_text(features, 4)),
                    ("sources", "<U9", (1,), self.array_of_text(["predicted"], 9)),
                    ("data", "<f4", (len(rows), len(features), 1), data)):
                described = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
                described = described.ljust(117) + "\n"
                archive.writestr(name + ".npy", b"\x93NUMPY\1\0" + struct.pack("<H", len(described))
                                 + described.encode() + content)

    @staticmethod
    def array_of_text(values, width):
        return b"".join(value.ljust(width, "\0").encode("utf-32-le") for value in values)

    def constraints(self):
        for name in ("constraints.tsv", "constraints.csv"):
            subprocess.run(
                [os.path.join(self.programs, "train"), "mine", "--synsets", self.path("synsets.jsonl.gz"),
                 "--frequencies", self.path("vocabularies"), "--out", self.path(name), "--quiet"],
                check=True, stdout=subprocess.DEVNULL)
