"""What goes wrong with a store, told as the programs tell it."""


class StoreError(ValueError):
    """A store or a layer file that is missing, damaged or newer, or a name it does not have.

    The message says which, what was expected and what was found.
    """
