"""Which solutions were shown for which failure: what turns out to match one of them is its credit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, insert, select

from bot.store.tables import SUGGESTIONS

_OF = SUGGESTIONS.c


def suggested(connection: Connection, failure_id: int) -> set[int]:
    """The solutions that were shown for a failure."""
    return set(connection.execute(select(_OF.solution_id).where(_OF.failure_id == failure_id)).scalars())


def suggest(connection: Connection, failure_id: int, solution_ids: Iterable[int], at: datetime) -> None:
    """Note those that were not shown before. The connection is inside a writing transaction."""
    new = sorted(set(solution_ids) - suggested(connection, failure_id))
    if new:
        rows = [{"failure_id": failure_id, "solution_id": solution, "at": at} for solution in new]
        connection.execute(insert(SUGGESTIONS), rows)
