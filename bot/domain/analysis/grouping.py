"""Groups of equal numbers, by sorting: several times faster on a million elements than `numpy.unique`, which keeps the
order of equal ones."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

N = TypeVar("N", bound=np.generic)

_ENOUGH = 500_000
"""Rows whose noise is far below what any finding rests on."""
_MANY = 4_000_000
_MOST_CELLS = 1 << 24
_SPARSE = 8
"""Where there are so many cells for each element, sorting is quicker than counting in one array."""
_BUCKETS = 1 << 24


def distinct(values: NDArray[N]) -> NDArray[N]:
    """The different values, rising."""
    ordered = np.sort(values)
    return ordered[_changes(ordered)]


def grouped(values: NDArray[N]) -> tuple[NDArray[N], NDArray[np.int64]]:
    """The different values, rising, and for each element the place of its value among them."""
    order = np.argsort(values)
    ordered = values[order]
    first = _changes(ordered)
    codes = np.empty(len(values), dtype=np.int64)
    codes[order] = np.cumsum(first) - 1
    return ordered[first], codes


def placed(cells: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """As `grouped`, for numbers below `size`: without sorting, unless hardly any of them are used."""
    if size > min(_MOST_CELLS, _SPARSE * len(cells)):
        return grouped(cells)
    used = np.zeros(size, dtype=bool)
    used[cells] = True
    return np.flatnonzero(used), (np.cumsum(used, dtype=np.int64) - 1)[cells]


def numbered(hashes: NDArray[np.uint32]) -> NDArray[np.int64]:
    """A small number for each of these hashes. Of very many, two different ones share a number now and then (of k, each
    with a chance of k in 17 million): that spares a sort."""
    if len(hashes) < _MANY:
        return grouped(hashes)[1]
    bucket = hashes & np.uint32(_BUCKETS - 1)
    used = np.zeros(_BUCKETS, dtype=bool)
    used[bucket] = True
    return np.asarray((np.cumsum(used, dtype=np.int32) - 1)[bucket].astype(np.int64))


def sampled(hashes: NDArray[np.uint64], rows: int) -> NDArray[np.bool_]:
    """Which jobs to look at where there are so many rows: all of them below a million, else those whose numbers
    end in a few zeros. Being hashes, they have nothing in common; and all rows of one job are in, or none."""
    return np.asarray((hashes & np.uint64(one_in(rows) - 1)) == 0)


def one_in(rows: int) -> int:
    """Of how many jobs one is looked at where there are so many rows; a power of two."""
    return 1 << (max(1, rows // _ENOUGH) - 1).bit_length()


def _changes(ordered: NDArray[Any]) -> NDArray[np.bool_]:
    """Which elements differ from the one before."""
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return first
