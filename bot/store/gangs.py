"""The failures of a gang, and which of them was the first fault."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from bot.domain.workload.failure import Failure
from bot.store import counts, rows
from bot.store.chunks import chunks
from bot.store.storable import bounded
from bot.store.tables import ATTEMPTS, FAILURES

_OF = FAILURES.c


def failures(connection: Connection, cluster: str, gangs: Iterable[str]) -> list[Failure]:
    """All failure events of these gangs, oldest first, without their logs and events."""
    cluster = bounded("cluster", cluster)
    found = [
        rows.failure(row)
        for some in chunks(sorted({bounded("gang", gang) for gang in gangs}))
        for row in connection.execute(select(*rows.WITHOUT_TEXTS).where(_OF.gang.in_(some))).mappings()
        if row["cluster"] == cluster  # in the query, SQLite would rather read all failures of the cluster
    ]
    return sorted(found, key=lambda failure: (failure.timestamp, failure.id or 0))


def pod_starts(connection: Connection, cluster: str, pod_uids: Iterable[str]) -> dict[str, datetime]:
    """When each of these pods first began to run, of those with a recorded attempt."""
    attempts = ATTEMPTS.c
    starts: dict[str, datetime] = {}
    for some in chunks(sorted(set(pod_uids))):
        found = connection.execute(
            select(attempts.pod_uid, func.min(attempts.started_at))
            .where(attempts.cluster == bounded("cluster", cluster), attempts.pod_uid.in_(some))
            .group_by(attempts.pod_uid)
        )
        starts.update((pod, at) for pod, at in found if at is not None)
    return starts


def set_first_faults(connection: Connection, first: Iterable[int], victims: Iterable[int]) -> None:
    """Mark failure events, by id, as the first fault or a victim of their gang."""
    for ids, is_first in ((sorted(first), True), (sorted(victims), False)):
        for some in chunks(ids):
            wrong = connection.execute(select(FAILURES).where(_OF.id.in_(some), _OF.first_fault != is_first))
            known = [rows.failure(row) for row in wrong.mappings()]
            counts.restate(connection, [], [(each, replace(each, first_fault=is_first)) for each in known])
            connection.execute(update(FAILURES).where(_OF.id.in_(some)).values(first_fault=is_first))
