"""The recorded streams, and what is true of each."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.cluster.dump import Dump, DumpedObject

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Truth:
    """How many attempts ended how, and the failure types, one a failure event."""

    attempts: dict[str, int]
    types: tuple[str, ...]


def truth(outcomes: Iterable[str], types: Iterable[str]) -> Truth:
    counted = Counter(outcomes)
    return Truth({each: counted[each] for each in ("succeeded", "failed", "killed")}, tuple(sorted(types)))


def _expected() -> dict[str, Truth]:
    with (FOLDER / "expected.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {
        row["file"]: Truth(
            {each: int(row[each]) for each in ("succeeded", "failed", "killed")},
            tuple(sorted(filter(None, row["failure types, one a failure event"].split(",")))),
        )
        for row in rows
    }


EXPECTED = _expected()


def path(name: str) -> Path:
    return FOLDER / f"{name}.ndjson"


def changes(name: str) -> list[DumpedObject]:
    return list(Dump(path(name).read_text(encoding="utf-8")).objects())


def line(told: DumpedObject) -> bytes:
    return json.dumps({"type": told.change, "object": told.body}).encode()
