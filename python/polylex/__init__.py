"""Polylex from Python: its stores as NumPy arrays, and its programs, which come with this package.

    store = polylex.Store("indexes")
    store.vectors("mbert", "words/fi", 12)        # float32 [rows, dimension]
    polylex.translate("dog", to="fi")
"""

from polylex.errors import StoreError
from polylex.programs import ProgramError, model, program, run, samples, translate
from polylex.store import Store

__all__ = ["ProgramError", "Store", "StoreError", "model", "program", "run", "samples", "translate"]
