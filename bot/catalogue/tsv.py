"""Reads tables of values separated by tabs. Lines that begin with # say what the table is, of which version, and from
where; the first line after them names the columns."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HEAD = "#"
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A table and what its head says."""

    head: Sequence[str]
    rows: Sequence[Row]


def read(path: Path) -> SheetTable:
    """The table of this file. Raises OSError, and ValueError where a row has other columns than the head names."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head = [line for line in lines if line.startswith(HEAD)]
    rows = [dict(row) for row in csv.DictReader(lines[len(head) :], delimiter="\t", restval=None)]
    if not rows or any(None in row or None in row.values() for row in rows):
        raise ValueError("a row has other columns than the first one names, or there is none")
    return SheetTable([line.removeprefix(HEAD).strip() for line in head], rows)
