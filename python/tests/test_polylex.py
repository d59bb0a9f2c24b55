"""The module beside the programs: their answers and their vectors are its own.

Runs with an installed wheel, or from the sources with PYTHONPATH=python and POLYLEX_PROGRAMS naming built programs.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import warnings

import numpy
import polylex

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CODECS = ("fp16", "fp32", "sq8", "hnsw")


def model():
    """The wheel's, or that of the sources."""
    return polylex.model() if os.path.isdir(polylex.model()) else os.path.join(ROOT, "models", "mini")


class StoreTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.words = {"fi": ["talo", "vesi", "äiti", "x" * 600], "en": ["house", "water", "mother"]}
        os.makedirs(os.path.join(cls.folder, "words"))
        for language, words in cls.words.items():
            with open(os.path.join(cls.folder, "words", language + ".txt"), "w", encoding="utf-8") as file:
                file.write("".join(word + "\n" for word in words))
        for codec in CODECS:
            cls.build(cls.store(codec), codec)

    @classmethod
    def store(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def build(cls, store, codec, *more):
        return polylex.run(
            "indexer", "build", "--store", store, "--checkpoint", f"mini={model()}", "--vocabularies",
            os.path.join(cls.folder, "words"), "--codec", codec, "--quiet", *more)

    def test_names(self):
        store = polylex.Store(self.store("fp16"))
        self.assertEqual(store.checkpoints(), ["mini"])
        self.assertEqual(store.collections("mini"), ["words/en", "words/fi"])
        self.assertEqual(store.layers("mini", "words/fi"), [0, 1])
        self.assertEqual(store.texts("mini", "words/fi"), self.words["fi"])

    def test_rows(self):
        store = polylex.Store(self.store("fp16"))
        for place, word in enumerate(self.words["fi"]):
            self.assertEqual(store.row("mini", "words/fi", word), place, word[:20])
        for word in ("koira", "y" * 600):
            self.assertIsNone(store.row("mini", "words/fi", word))

    def test_vectors_are_those_that_the_program_exports(self):
        for codec in CODECS:
            for layer in (0, 1):
                path = os.path.join(self.folder, "exported.npy")
                polylex.run("indexer", "export", "--store", self.store(codec), "--checkpoint", "mini", "--collection",
                            "words/fi", "--layer", str(layer), "--out", path)
                expected = numpy.load(path)
                found = polylex.Store(self.store(codec)).vectors("mini", "words/fi", layer)
                self.assertEqual((found.dtype, found.shape), (numpy.float32, expected.shape))
                if codec == "sq8":
                    # The program fuses a multiplication and an addition.
                    numpy.testing.assert_allclose(found, expected, rtol=0, atol=1e-7)
                else:
                    numpy.testing.assert_array_equal(found, expected)
                numpy.testing.assert_allclose(numpy.linalg.norm(found, axis=1), 1, atol=0.02)

    def test_what_is_not_there_is_named(self):
        store = polylex.Store(self.store("fp16"))
        for expected, ask in (
                ("no checkpoint 'mbert'; there are: mini", lambda: store.vectors("mbert", "words/fi", 0)),
                ("no collection 'words/sv'; it has: words/en, words/fi", lambda: store.texts("mini", "words/sv")),
                ("has no layer 7; it has 0, 1", lambda: store.vectors("mini", "words/fi", 7)),
                ("indexer build --store /nowhere", lambda: polylex.Store("/nowhere"))):
            with self.assertRaises(polylex.StoreError) as raised:
                ask()
            self.assertIn(expected, str(raised.exception))

    def test_damaged_layer_files_are_refused(self):
        for codec in CODECS:
            store = self.store("damaged-" + codec)
            shutil.copytree(self.store(codec), store)
            path = next(
                os.path.join(base, name) for base, _, names in os.walk(store) for name in names
                if name.startswith("layer-01") and base.endswith("fi"))
            with open(path, "rb") as file:
                content = file.read()
            # Cut anywhere, longer than it says, of another kind, counts that are huge or of another collection.
            huge = content[:8] + (1 << 62).to_bytes(8, "little") + content[16:]
            other = content[:8] + (3).to_bytes(8, "little") + content[16:]
            cuts = [content[:size] for size in (0, 3, 20, 44, 60, len(content) // 2, len(content) - 1)]
            for damaged in (*cuts, content + b"\0", b"IxPQ" + content[4:], huge, other):
                with open(path, "wb") as file:
                    file.write(damaged)
                with self.assertRaises(polylex.StoreError, msg=f"{codec}, {len(damaged)} bytes") as raised:
                    polylex.Store(store).vectors("mini", "words/fi", 1)
                self.assertIn(os.path.basename(path), str(raised.exception))

    def test_a_store_made_anew_at_the_same_path(self):
        store = self.store("again")
        shutil.copytree(self.store("fp16"), store)
        opened = polylex.Store(store)
        before = opened.vectors("mini", "words/fi", 1)
        shutil.rmtree(store)
        shutil.copytree(self.store("fp32"), store)
        after = opened.vectors("mini", "words/fi", 1)
        self.assertFalse(numpy.array_equal(before, after), "fp32 has more digits")

    def test_what_another_process_publishes_is_seen(self):
        store = self.store("live")
        shutil.copytree(self.store("fp16"), store)
        opened = polylex.Store(store)
        self.assertNotIn("words/sv", opened.collections("mini"))
        with open(os.path.join(self.folder, "sv.txt"), "w", encoding="utf-8") as file:
            file.write("hus\nvatten\n")
        polylex.run("indexer", "build", "--store", store, "--checkpoint", f"mini={model()}", "--vocabulary",
                    f"sv={self.folder}/sv.txt", "--quiet")
        self.assertEqual(opened.texts("mini", "words/sv"), ["hus", "vatten"])

    def test_dropped_vectors_are_said_to_be(self):
        store = self.store("dropped")
        self.build(store, "fp16")
        before = polylex.Store(store).vectors("mini", "words/fi", 1)
        polylex.run("indexer", "remove", "--store", store, "--checkpoint", "mini", "--vectors")
        opened = polylex.Store(store)
        self.assertEqual(opened.texts("mini", "words/fi"), self.words["fi"])
        with self.assertRaisesRegex(polylex.StoreError, "were dropped after their evaluation"):
            opened.vectors("mini", "words/fi", 1)
        self.build(store, "fp16")
        numpy.testing.assert_array_equal(opened.vectors("mini", "words/fi", 1), before)

    def test_a_stale_collection_warns(self):
        store, changed = self.store("stale"), os.path.join(self.folder, "changed")
        shutil.copytree(self.store("fp16"), store)
        shutil.copytree(model(), changed)
        weights = os.path.join(changed, "model.safetensors")
        with open(weights, "r+b") as file:
            file.seek(-2, os.SEEK_END)
            file.write(b"\0\0")
        polylex.run("indexer", "build", "--store", store, "--checkpoint", f"mini={changed}", "--vocabulary",
                    f"en={self.folder}/words/en.txt", "--quiet")
        with self.assertWarnsRegex(UserWarning, "earlier weights"):
            polylex.Store(store).vectors("mini", "words/fi", 1)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            polylex.Store(store).vectors("mini", "words/en", 1)

    def test_translations_are_what_the_vectors_say(self):
        store = polylex.Store(self.store("fp32"))
        house = store.vectors("mini", "words/en", 1)[store.row("mini", "words/en", "house")]
        scores = store.vectors("mini", "words/fi", 1) @ house
        answer = polylex.translate("house", to="fi", source="en", layer=1, store=self.store("fp32"))
        order = [store.row("mini", "words/fi", result["word"]) for result in answer["results"]]
        self.assertEqual(order, list(numpy.argsort(-scores)))
        numpy.testing.assert_allclose([result["score"] for result in answer["results"]], scores[order], atol=1e-6)

    def test_several_words_are_several_answers(self):
        answers = polylex.translate(["water", "-1"], to="fi", source="en", store=self.store("fp32"), top=1)
        self.assertEqual([answer["query"] for answer in answers], ["water", "-1"])
        self.assertEqual(polylex.translate([], to="fi", store=self.store("fp32")), [])

    def test_a_program_that_fails_is_an_error_with_its_message(self):
        with self.assertRaises(polylex.ProgramError) as raised:
            polylex.translate("house", to="sv", store=self.store("fp32"))
        self.assertNotEqual(raised.exception.status, 0)
        self.assertIn("sv", str(raised.exception))

    def test_entries_on_path_become_the_programs(self):
        result = subprocess.run(
            [sys.executable, "-c", "import sys; sys.argv = ['query', '--version']; import polylex.programs as p; "
             "p.query()"], capture_output=True, text=True)
        self.assertIn("kernels: ", result.stdout, result.stderr)


if __name__ == "__main__":
    unittest.main()
