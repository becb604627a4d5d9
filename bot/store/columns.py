"""Columns in a blob: how chunks of attempts and failure events lie in the database. Small ones come as they are
recorded; many of a day are joined into one. Codes of a chunk point into its own lists of names."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]
_LENGTH = struct.Struct("<I")


class _Header(msgspec.Struct):
    """What stands before the columns: their names and types, in order, and the lists of names."""

    rows: int
    columns: list[tuple[str, str]]
    names: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows in columns. A column that has a list of names under its own name holds places in that list."""

    columns: Mapping[str, Column]
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def where(self, mask: NDArray[np.bool_]) -> Chunk:
        """Some of the rows."""
        return Chunk({name: column[mask] for name, column in self.columns.items()}, self.names)


def encode(chunk: Chunk) -> bytes:
    """The chunk as bytes: each column in the smallest integer type that its names allow."""
    columns = {
        name: column.astype(np.min_scalar_type(len(chunk.names[name]))) if name in chunk.names else column
        for name, column in chunk.columns.items()
    }
    header = msgspec.json.encode(
        _Header(
            len(chunk),
            [(name, column.dtype.str) for name, column in columns.items()],
            {name: list(entries) for name, entries in chunk.names.items()},
        )
    )
    return b"".join((_LENGTH.pack(len(header)), header, *(column.tobytes() for column in columns.values())))


def decode(blob: bytes) -> Chunk:
    """What `encode` made."""
    start = _LENGTH.size + _LENGTH.unpack_from(blob)[0]
    header = msgspec.json.decode(memoryview(blob)[_LENGTH.size : start], type=_Header)
    columns: dict[str, Column] = {}
    for name, kind in header.columns:
        columns[name] = np.frombuffer(blob, kind, header.rows, start)
        start += columns[name].nbytes
    return Chunk(columns, header.names)


def joined(chunks: Iterable[Chunk], types: Mapping[str, str], coded: Sequence[str]) -> Chunk:
    """All chunks as one, under common lists of names. `types` gives each column's type, `coded` those with names."""
    parts = list(chunks)
    tables: dict[str, dict[str, int]] = {name: {} for name in coded}
    columns = {}
    for name, kind in types.items():
        pieces = [_recoded(part, name, tables[name]) if name in tables else part.columns[name] for part in parts]
        columns[name] = np.concatenate([np.empty(0, kind), *pieces]).astype(kind, copy=False)
    return Chunk(columns, {name: list(table) for name, table in tables.items()})


def _recoded(chunk: Chunk, name: str, table: dict[str, int]) -> Column:
    """A chunk's codes as places in a common table, which grows by what is new to it."""
    places = [table.setdefault(entry, len(table)) for entry in chunk.names[name]]
    return np.array(places, dtype=np.int32)[chunk.columns[name]]
