"""What the page answers where something cannot be done."""


class NotPossible(Exception):
    """It cannot be done; the text says why, for the visitor."""
