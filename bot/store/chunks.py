"""Long lists in pieces: a statement of either database takes only so many parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

V = TypeVar("V")

MOST = 5000
"""SQLite takes 32,766 parameters, PostgreSQL 65,535."""


def chunks(values: Sequence[V], most: int = MOST) -> Iterator[Sequence[V]]:
    """The values in order, at most so many at once."""
    for start in range(0, len(values), most):
        yield values[start : start + most]
