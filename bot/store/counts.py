"""The columns that reports are made of, kept while recording: every attempt and failure event as a few numbers, in
chunks by day. A report reads the chunks of its period and never scans the tables. What changed is one row taken back
and one row added. When a day has many small chunks, they are joined into one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

import numpy as np
from sqlalchemy import Connection, delete, func, insert, select

from bot.domain.analysis.attempt_table import DAY_MS, OUTCOMES, milliseconds
from bot.domain.analysis.identity import family_number, job_number, small_number
from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure
from bot.store.columns import Chunk, decode, encode, joined
from bot.store.tables import CHUNKS

T = TypeVar("T", Attempt, Failure)

SEPARATOR = "\x1f"
"""Between the parts of a name: the cluster and its nodes, the number of GPUs and their type."""
_RUN_TYPES = {
    "job": "<u8",
    "family": "<u4",
    "submission": "<u4",
    "owner": "<u4",
    "place": "<i4",
    "image": "<i4",
    "project": "<i4",
    "gpus": "<i4",
    "outcome": "|u1",
    "ms": "<u4",
    "seconds": "<f4",
}
"""Of each attempt; `ms` is its end in milliseconds of the day, `seconds` its length, NaN where unknown."""
_EVENT_TYPES = {
    "job": "<u8",
    "family": "<u4",
    "submission": "<u4",
    "owner": "<u4",
    "place": "<i4",
    "image": "<i4",
    "project": "<i4",
    "type": "<i4",
    "signature": "<i4",
    "first_fault": "|u1",
    "ms": "<u4",
}
_RUN_NAMES = ("place", "image", "project", "gpus")
_EVENT_NAMES = ("place", "image", "project", "type", "signature")

_SMALL = (2_000, 50_000)
"""Rows up to which a chunk counts as small, in two tiers; so a row is written a few times in all."""
_MANY = 4
"""Small chunks of a day that are joined into one."""


class ColumnKind(NamedTuple):
    """How one kind of value becomes columns."""

    name: str
    types: dict[str, str]
    names: tuple[str, ...]
    at: Callable[[Any], datetime]
    row: Callable[[Any, dict[str, dict[str, int]], int], tuple[Any, ...]]


def add(connection: Connection, attempts: Sequence[Attempt], failures: Sequence[Failure]) -> None:
    """Count attempts and failure events that were not known before, in the caller's transaction."""
    _write(connection, attempts, failures, sign=1)


def restate(
    connection: Connection,
    attempts: Sequence[tuple[Attempt, Attempt]],
    failures: Sequence[tuple[Failure, Failure]],
) -> None:
    """Count what changed, given as (before, after); what was counted of it before is taken back."""
    runs = [pair for pair in attempts if _counted_run(pair[0]) != _counted_run(pair[1])]
    events = [pair for pair in failures if _counted_event(pair[0]) != _counted_event(pair[1])]
    _write(connection, [before for before, _ in runs], [before for before, _ in events], sign=-1)
    _write(connection, [after for _, after in runs], [after for _, after in events], sign=1)


def _write(connection: Connection, attempts: Sequence[Attempt], failures: Sequence[Failure], *, sign: int) -> None:
    rows = [*_chunks(RUNS, attempts, sign), *_chunks(EVENTS, failures, sign)]
    if not rows:
        return
    connection.execute(insert(CHUNKS), rows)
    for kind in (RUNS, EVENTS):
        days = {row["day"] for row in rows if row["kind"] == kind.name}
        for most in _SMALL:
            for day in _crowded(connection, kind, days, most):
                _join(connection, kind, day, most, sign)


def _chunks(kind: ColumnKind, values: Iterable[T], sign: int) -> list[dict[str, Any]]:
    """One chunk for each day that the values have."""
    by_day: dict[int, list[tuple[int, T]]] = defaultdict(list)
    for value in values:
        day, ms = divmod(milliseconds(kind.at(value)), DAY_MS)
        by_day[day].append((ms, value))
    return [_stored(kind, day, sign, _chunk(kind, timed)) for day, timed in by_day.items()]


def _stored(kind: ColumnKind, day: int, sign: int, chunk: Chunk) -> dict[str, Any]:
    return {"kind": kind.name, "day": day, "sign": sign, "rows": len(chunk), "data": encode(chunk)}


def _chunk(kind: ColumnKind, timed: list[tuple[int, T]]) -> Chunk:
    names: dict[str, dict[str, int]] = {name: {} for name in kind.names}
    rows = [kind.row(value, names, ms) for ms, value in timed]
    columns = {
        name: np.array(column, dtype=form)
        for (name, form), column in zip(kind.types.items(), zip(*rows, strict=True), strict=True)
    }
    return Chunk(columns, {name: list(codes) for name, codes in names.items()})


def _code(codes: dict[str, int], name: str | None) -> int:
    """The code of a name; None is unknown and has the empty name's."""
    return codes.setdefault(name or "", len(codes))


def _run(attempt: Attempt, names: dict[str, dict[str, int]], ms: int) -> tuple[Any, ...]:
    """The columns of an attempt, in the order of their types."""
    started, finished = attempt.started_at, attempt.finished_at
    seconds = (finished - started).total_seconds() if started is not None and finished is not None else np.nan
    return (
        job_number(attempt.cluster, attempt.project, attempt.job),
        family_number(attempt.cluster, attempt.project, attempt.owner, attempt.job),
        small_number(attempt.job_uid),
        small_number(attempt.owner),
        _code(names["place"], _place(attempt)),
        _code(names["image"], attempt.image),
        _code(names["project"], attempt.project),
        _code(names["gpus"], _gpus(attempt)),
        OUTCOMES.index(attempt.outcome),
        ms,
        seconds if not seconds < 0 else np.nan,
    )


def _event(failure: Failure, names: dict[str, dict[str, int]], ms: int) -> tuple[Any, ...]:
    """The columns of a failure event, in the order of their types."""
    return (
        job_number(failure.cluster, failure.project, failure.job),
        family_number(failure.cluster, failure.project, failure.owner, failure.job),
        small_number(failure.job_uid),
        small_number(failure.owner),
        _code(names["place"], _place(failure)),
        _code(names["image"], failure.image),
        _code(names["project"], failure.project),
        _code(names["type"], failure.failure_type),
        _code(names["signature"], failure.signature),
        failure.first_fault,
        ms,
    )


_counted_run = attrgetter(
    "project", "job", "owner", "job_uid", "node", "nodes", "image", "gpu_count", "gpu_type", "outcome", "ended_at",
    "started_at",
)  # fmt: skip
_counted_event = attrgetter(
    "project", "job", "owner", "job_uid", "node", "nodes", "image", "signature", "first_fault", "timestamp"
)


def _place(value: Attempt | Failure) -> str:
    nodes = (value.node,) if value.node is not None else value.nodes
    return SEPARATOR.join((value.cluster, *nodes))


def _gpus(attempt: Attempt) -> str:
    number = "" if attempt.gpu_count is None else repr(attempt.gpu_count)
    return f"{number}{SEPARATOR}{attempt.gpu_type or ''}"


RUNS = ColumnKind("attempts", _RUN_TYPES, _RUN_NAMES, lambda attempt: attempt.ended_at, _run)
EVENTS = ColumnKind("failures", _EVENT_TYPES, _EVENT_NAMES, lambda failure: failure.timestamp, _event)


def _crowded(connection: Connection, kind: ColumnKind, days: set[int], most: int) -> list[int]:
    """The days among these that have many chunks of at most so many rows."""
    if not days:
        return []
    counts = (
        select(CHUNKS.c.day)
        .where(CHUNKS.c.kind == kind.name, CHUNKS.c.day.between(min(days), max(days)), CHUNKS.c.rows <= most)
        .group_by(CHUNKS.c.day)
        .having(func.count() >= _MANY)
    )
    return [day for (day,) in connection.execute(counts) if day in days]


def _join(connection: Connection, kind: ColumnKind, day: int, most: int, sign: int) -> None:
    """Join the day's chunks of at most so many rows into one."""
    small = (CHUNKS.c.kind == kind.name, CHUNKS.c.day == day, CHUNKS.c.sign == sign, CHUNKS.c.rows <= most)
    found = connection.execute(select(CHUNKS.c.id, CHUNKS.c.data).where(*small)).all()
    if len(found) < 2:
        return
    whole = joined([decode(row.data) for row in found], kind.types, kind.names)
    connection.execute(delete(CHUNKS).where(CHUNKS.c.id.in_([row.id for row in found])))
    connection.execute(insert(CHUNKS), _stored(kind, day, sign, whole))
