"""Reads the evidence of a period for the analysis: the chunks of its days, and a few small questions by index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, func, select

from bot.domain.analysis.attempt_table import (
    DAY_MS,
    Events,
    Flags,
    Gpus,
    Names,
    PeriodEvidence,
    Placement,
    Runs,
    milliseconds,
)
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.failure import Failure
from bot.domain.workload.version import OF_NODES, ROLLOUT, Inventory, Version
from bot.services.answers.analyze import EvidenceSource
from bot.store import rows
from bot.store.columns import Chunk, decode, joined
from bot.store.counts import EVENTS, RUNS, SEPARATOR, ColumnKind
from bot.store.engine import reading
from bot.store.scoped import within
from bot.store.storable import bounded
from bot.store.tables import ATTEMPTS, CHUNKS, FAILURES, VERSIONS
from bot.store.versions import EVERYTHING, version

_OF = VERSIONS.c
_MILLISECOND = timedelta(milliseconds=1)
_FIRST_DAY, _LAST_DAY = -(2**31), 2**31 - 1


class SqlEvidence(EvidenceSource):
    """The evidence of periods, and what runs where."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def evidence(self, scope: Scope, period: Period) -> PeriodEvidence:
        with reading(self._engine) as connection:
            runs = _read(connection, RUNS, scope, period)
            events = _read(connection, EVENTS, scope, period)
            tables = {name: {entry: code for code, entry in enumerate(runs.names[name])} for name in RUNS.names}
            return PeriodEvidence(
                period,
                Runs(**{("ended" if name == "ms" else name): column for name, column in runs.columns.items()}),
                Events(**{("at" if name == "ms" else name): _shared(events, name, tables) for name in events.columns}),
                Names(
                    places=tuple(map(_place, tables["place"])),
                    images=tuple(name or None for name in tables["image"]),
                    projects=tuple(name or None for name in tables["project"]),
                    gpus=tuple(map(_gpus, tables["gpus"])),
                    types=tuple(events.names["type"]),
                    signatures=tuple(name or None for name in events.names["signature"]),
                ),
            )

    def failing_jobs(self, scope: Scope, period: Period) -> list[tuple[str, str | None, str]]:
        with reading(self._engine) as connection:
            these = (FAILURES.c.timestamp >= period.since, FAILURES.c.timestamp < period.until, within(scope, FAILURES))
            found = connection.execute(
                select(FAILURES.c.cluster, FAILURES.c.project, FAILURES.c.job_name).where(*these).distinct()
            )
            return [(cluster, project, job) for cluster, project, job in found]

    def types_before(self, scope: Scope, types: Iterable[str], before: datetime) -> dict[str, datetime]:
        with reading(self._engine) as connection:
            seen = {}
            for failure_type in types:
                last = connection.execute(
                    select(FAILURES.c.timestamp)
                    .where(
                        FAILURES.c.failure_type == failure_type, FAILURES.c.timestamp < before, within(scope, FAILURES)
                    )
                    .order_by(FAILURES.c.timestamp.desc())
                    .limit(1)
                ).scalar_one_or_none()
                if last is not None:
                    seen[failure_type] = last
            return seen

    def recorded_since(self, scope: Scope) -> datetime | None:
        allowed = Scope(scope.allowed)
        with reading(self._engine) as connection:
            oldest = [  # by the index of the times, which a minimum of some projects would not take
                connection.execute(select(at).where(within(allowed, table)).order_by(at).limit(1)).scalar()
                for table, at in ((ATTEMPTS, ATTEMPTS.c.ended_at), (FAILURES, FAILURES.c.timestamp))
            ]
        return min((at for at in oldest if at is not None), default=None)

    def inventory(self, scope: Scope, period: Period) -> Inventory:
        with reading(self._engine) as connection:
            here = () if scope.cluster is None else (_OF.cluster == bounded("cluster", scope.cluster),)
            found = connection.execute(
                EVERYTHING.where(
                    _OF.replaced.is_not(None), _OF.first_seen >= period.since, _OF.first_seen < period.until, *here
                ).order_by(_OF.first_seen, *VERSIONS.primary_key.columns)
            )
            totals = connection.execute(
                select(_OF.cluster, _OF.what, func.count(_OF.subject.distinct()), func.max(_OF.last_seen))
                .where(_OF.what != ROLLOUT, *here)
                .group_by(_OF.cluster, _OF.what)
            ).all()
            looked: dict[str, datetime] = {}
            for cluster, _, _, at in totals:
                looked[cluster] = max(at, looked.get(cluster, at))
            projects = None if scope.projects is None else {bounded("project", name) for name in scope.projects}
            changed = map(version, found)
            return Inventory(
                changed=tuple(
                    one for one in changed if projects is None or one.what != ROLLOUT or one.project in projects
                ),
                nodes={(cluster, what): number for cluster, what, number, _ in totals},
                looked=looked,
            )

    def nodes(self, scope: Scope) -> list[tuple[str, str]]:
        with reading(self._engine) as connection:
            if scope.projects is not None:
                return []
            here = () if scope.cluster is None else (_OF.cluster == bounded("cluster", scope.cluster),)
            found = connection.execute(select(_OF.cluster, _OF.subject).where(_OF.what != ROLLOUT, *here).distinct())
            return [(cluster, node) for cluster, node in found]

    def versions(self, scope: Scope, cluster: str, node: str) -> list[Version]:
        if scope.cluster not in {None, cluster}:
            return []
        with reading(self._engine) as connection:
            this = (_OF.cluster == bounded("cluster", cluster), _OF.what.in_(OF_NODES), _OF.project == "")
            found = connection.execute(EVERYTHING.where(*this, _OF.subject == bounded("node", node)))
            return sorted(map(version, found), key=lambda one: (one.first_seen, one.what, one.value))

    def failures_at(self, scope: Scope, moments: Sequence[datetime], limit: int = 500) -> list[Failure]:
        with reading(self._engine) as connection:
            of = FAILURES.c
            ids: list[int] = []
            for moment in moments:
                then = select(of.id).where(of.timestamp >= moment, of.timestamp < moment + _MILLISECOND)
                ids += connection.execute(then.limit(limit - len(ids))).scalars()
            found = connection.execute(
                select(*rows.WITHOUT_TEXTS).where(of.id.in_(ids), within(scope, FAILURES))
            ).mappings()
            return sorted(map(rows.failure, found), key=lambda one: (one.timestamp, one.id or 0), reverse=True)


def _read(connection: Connection, kind: ColumnKind, scope: Scope, period: Period) -> Chunk:
    """The period's rows of one kind; `ms` counts from 1970."""
    since, until = milliseconds(period.since), milliseconds(period.until)
    found = connection.execute(
        select(CHUNKS.c.day, CHUNKS.c.sign, CHUNKS.c.data).where(
            CHUNKS.c.kind == kind.name,
            CHUNKS.c.day >= max(since // DAY_MS, _FIRST_DAY),
            CHUNKS.c.day <= min((until - 1) // DAY_MS, _LAST_DAY),
        )
    )
    kept: dict[int, list[Chunk]] = {1: [], -1: []}
    for day, sign, data in found:
        kept[sign].extend(_within(decode(data), day, scope, since, until))
    whole = joined((*kept[1], *kept[-1]), {**kind.types, "ms": "<i8"}, kind.names)
    return _settled(whole, sum(map(len, kept[1]))) if kept[-1] else whole


def _within(chunk: Chunk, day: int, scope: Scope, since: int, until: int) -> Iterator[Chunk]:
    """The chunk's rows in the scope and the period, with whole times; nothing if there are none."""
    start = day * DAY_MS
    at = chunk.columns["ms"].astype(np.int64) + start
    chunk = Chunk({**chunk.columns, "ms": at}, chunk.names)
    masks: list[Flags] = []
    if start < since or start + DAY_MS > until:
        masks.append((at >= since) & (at < until))
    if scope.projects is not None:
        seen = np.array([(project or None) in scope.projects for project in chunk.names["project"]], dtype=bool)
        masks.append(seen[chunk.columns["project"]])
    if scope.cluster is not None:
        here = np.array(
            [cluster == scope.cluster for cluster in (name.split(SEPARATOR, 1)[0] for name in chunk.names["place"])],
            dtype=bool,
        )
        masks.append(here[chunk.columns["place"]])
    if masks:
        chunk = chunk.where(np.logical_and.reduce(masks))
    if len(chunk):
        yield chunk


def _settled(chunk: Chunk, added: int) -> Chunk:
    """The first `added` rows without those that the rows after them take back."""
    job = chunk.columns["job"]
    doubtful = np.flatnonzero(np.isin(job[:added], job[added:]))
    taken = Counter(_row(chunk, index) for index in range(added, len(job)))
    stays = np.ones(len(job), dtype=bool)
    stays[added:] = False
    for index in doubtful:
        row = _row(chunk, int(index))
        if taken[row] > 0:
            taken[row] -= 1
            stays[index] = False
    return chunk.where(stays)


def _row(chunk: Chunk, index: int) -> tuple[bytes, ...]:
    """One row as bytes: NaN equals itself."""
    return tuple(column[index].tobytes() for column in chunk.columns.values())


def _shared(events: Chunk, name: str, tables: dict[str, dict[str, int]]) -> Any:  # noqa: ANN401 an array of any type
    """A column of the events; where attempts have it too, as places in the attempts' names, which grow."""
    if name not in tables:
        return events.columns[name]
    table = tables[name]
    places = [table.setdefault(entry, len(table)) for entry in events.names[name]]
    return np.array(places, dtype=np.int32)[events.columns[name]]


def _place(name: str) -> Placement:
    cluster, *nodes = name.split(SEPARATOR)
    return Placement(cluster, tuple(nodes))


def _gpus(name: str) -> Gpus:
    number, kind = name.split(SEPARATOR, 1)
    return Gpus(float(number) if number else None, kind or None)
