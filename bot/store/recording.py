"""Writes what the watchers and imports see. The same history seen twice, in any order and in any batches, leaves the
same rows: what is known is read first, joined with what is seen (see `sightings`), and only the difference is written.
Nothing comes between, since there is one writer at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, RowMapping, Table, bindparam, func, select, update

from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure
from bot.services.recording.ports import Recorded
from bot.store import counts, named_causes, resolving, rows
from bot.store.bulk import insert_all
from bot.store.chunks import chunks
from bot.store.sightings import same_attempt, same_failure
from bot.store.storable import storable
from bot.store.tables import ATTEMPTS, FAILURES

T = TypeVar("T", Attempt, Failure)

_NEWEST_FAILURE = select(func.coalesce(func.max(FAILURES.c.id), 0))
_FAILURES_AFTER = select(FAILURES.c.id).where(FAILURES.c.id > bindparam("newest"))
"""Ids are never given twice, and there is one writer: those after the newest one are this transaction's."""


@dataclass(frozen=True, slots=True)
class Changes(Generic[T]):
    """What a batch changed: values that were not known, and known ones as (before, after). All else was known."""

    new: Sequence[T]
    changed: Sequence[tuple[T, T]]


def record(connection: Connection, attempts: Sequence[Attempt], failures: Sequence[Failure]) -> Recorded:
    """Store all of it, as `ports.Recorder.record` says. The connection is inside a writing transaction."""
    newest = connection.execute(_NEWEST_FAILURE).scalar_one()
    seen_attempts = _write(connection, _ATTEMPTS, attempts)
    seen_failures = _write(connection, _FAILURES, named_causes.recognised(connection, failures))
    counts.add(connection, seen_attempts.new, seen_failures.new)
    counts.restate(connection, seen_attempts.changed, seen_failures.changed)
    failure_ids = [known.id for known, _ in seen_failures.changed if known.id is not None]
    if seen_failures.new:
        failure_ids += connection.execute(_FAILURES_AFTER, {"newest": newest}).scalars()
    resolved = resolving.resolve(
        connection,
        failures=failure_ids,
        attempts=[*seen_attempts.new, *(value for pair in seen_attempts.changed for value in pair)],
    )
    return Recorded(
        attempts=len(seen_attempts.new),
        failures=len(seen_failures.new),
        resolved=resolved,
        changed=len(seen_attempts.changed) + len(seen_failures.changed),
    )


@dataclass(frozen=True, slots=True)
class _Kind(Generic[T]):
    """How values of one kind are stored."""

    table: Table
    key: tuple[str, ...]
    columns: tuple[str, ...]
    to_row: Callable[[T], tuple[Any, ...]]
    from_row: Callable[[RowMapping], T]
    join: Callable[[T, T], T]


_ATTEMPTS = _Kind(
    table=ATTEMPTS,
    key=("cluster", "pod_uid", "container", "restart"),
    columns=rows.ATTEMPT_COLUMNS,
    to_row=rows.attempt_row,
    from_row=rows.attempt,
    join=same_attempt,
)
_FAILURES = _Kind(
    table=FAILURES,
    key=("cluster", "pod_uid", "container", "failure_type"),
    columns=rows.FAILURE_COLUMNS,
    to_row=rows.failure_row,
    from_row=rows.failure,
    join=same_failure,
)


def _write(connection: Connection, kind: _Kind[T], seen: Iterable[T]) -> Changes[T]:
    batch: dict[object, T] = {}
    for value in map(storable, seen):
        before = batch.get(value.key)
        batch[value.key] = value if before is None else kind.join(before, value)
    known = {value.key: value for value in _stored(connection, kind, batch.values())}
    joined = ((before, kind.join(before, batch[key])) for key, before in known.items())
    changes = Changes(
        new=[value for key, value in batch.items() if key not in known],
        changed=[(before, after) for before, after in joined if before != after],
    )
    if changes.new:
        insert_all(connection, kind.table, kind.columns, [kind.to_row(value) for value in changes.new])
    if changes.changed:
        connection.execute(_update(kind), [_keyed(kind, after) for _, after in changes.changed])
    return changes


def _stored(connection: Connection, kind: _Kind[T], values: Iterable[T]) -> list[T]:
    """The stored values with the keys of these."""
    keys: dict[str, dict[object, str]] = defaultdict(dict)
    for value in values:
        keys[value.cluster][value.key] = value.pod_uid
    return [
        value
        for cluster, pods in keys.items()
        for value in _of_pods(connection, kind, cluster, sorted(set(pods.values())))
        if value.key in pods
    ]


def _of_pods(connection: Connection, kind: _Kind[T], cluster: str, pods: Sequence[str]) -> Iterator[T]:
    columns = kind.table.c
    for some in chunks(pods):
        found = connection.execute(select(kind.table).where(columns.cluster == cluster, columns.pod_uid.in_(some)))
        yield from map(kind.from_row, found.mappings())


def _update(kind: _Kind[T]) -> Any:  # noqa: ANN401 sqlalchemy's own type is longer than the function
    columns = kind.table.c
    others = [name for name in kind.columns if name not in kind.key]
    return (
        update(kind.table)
        .where(*(columns[name] == bindparam(f"key_{name}") for name in kind.key))
        .values({name: bindparam(name) for name in others})
    )


def _keyed(kind: _Kind[T], value: T) -> dict[str, Any]:
    row = zip(kind.columns, kind.to_row(value), strict=True)
    return {f"key_{name}" if name in kind.key else name: stored for name, stored in row}
