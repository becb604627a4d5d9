"""What is true of the field: tables with versions and sources in their heads, and the tests that we know it too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.catalogue.tsv import Row, read

FOLDER = Path(__file__).parent


def truth(name: str) -> Sequence[Row]:
    """The rows of this table."""
    return read(FOLDER / name).rows
