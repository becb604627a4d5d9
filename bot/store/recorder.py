"""What the watchers and imports see, written down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine, func, select, update

from bot.domain.knowledge.spec import SeenSpec
from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure
from bot.domain.workload.version import VersionSeen
from bot.services.recording.ports import Recorded, Recorder
from bot.store import counts, recording, rows, specs, versions
from bot.store.chunks import chunks
from bot.store.engine import reading, writing
from bot.store.storable import bounded, storable
from bot.store.tables import ATTEMPTS, CURSORS, FAILURES
from bot.store.upsert import upsert

_OF = FAILURES.c


class SqlRecorder(Recorder):
    """Writes what the watchers see."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, attempts: Sequence[Attempt], failures: Sequence[Failure]) -> Recorded:
        with writing(self._engine) as connection:
            return recording.record(connection, attempts, failures)

    def record_specs(self, seen: Sequence[SeenSpec]) -> int:
        with reading(self._engine) as connection:  # most batches have nothing to keep, which a reader can tell
            if not (kept := specs.wanted(connection, seen)):
                return 0
        with writing(self._engine) as connection:
            return specs.record(connection, kept)

    def record_versions(self, seen: Sequence[VersionSeen]) -> int:
        with reading(self._engine) as connection:  # nearly always there is nothing to write
            news, new = versions.news(connection, seen)
        if news:
            with writing(self._engine) as connection:
                versions.write(connection, news)
        return new

    def evidence_at(self, failure: Failure) -> datetime | None:
        known = storable(failure)
        with reading(self._engine) as connection:
            found: datetime | None = connection.execute(
                select(_OF.evidence_at).where(
                    _OF.cluster == known.cluster,
                    _OF.pod_uid == known.pod_uid,
                    _OF.container == known.container,
                    _OF.failure_type == known.failure_type,
                )
            ).scalar_one_or_none()
            return found

    def gang_failures(self, cluster: str, gangs: Iterable[str]) -> list[Failure]:
        with reading(self._engine) as connection:
            cluster = bounded("cluster", cluster)
            found = [
                rows.failure(row)
                for some in chunks(sorted({bounded("gang", gang) for gang in gangs}))
                for row in connection.execute(select(*rows.WITHOUT_TEXTS).where(_OF.gang.in_(some))).mappings()
                if row["cluster"] == cluster  # in the query, SQLite would rather read all failures of the cluster
            ]
            return sorted(found, key=lambda failure: (failure.timestamp, failure.id or 0))

    def pod_starts(self, cluster: str, pod_uids: Iterable[str]) -> dict[str, datetime]:
        with reading(self._engine) as connection:
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

    def set_first_faults(self, first: Iterable[int], victims: Iterable[int]) -> None:
        with writing(self._engine) as connection:
            for ids, is_first in ((sorted(first), True), (sorted(victims), False)):
                for some in chunks(ids):
                    wrong = connection.execute(select(FAILURES).where(_OF.id.in_(some), _OF.first_fault != is_first))
                    known = [rows.failure(row) for row in wrong.mappings()]
                    counts.restate(connection, [], [(each, replace(each, first_fault=is_first)) for each in known])
                    connection.execute(update(FAILURES).where(_OF.id.in_(some)).values(first_fault=is_first))

    def resource_version(self, cluster: str) -> str | None:
        with reading(self._engine) as connection:
            version: str | None = connection.execute(
                select(CURSORS.c.resource_version).where(CURSORS.c.cluster == bounded("cluster", cluster))
            ).scalar()
            return version

    def save_cursor(self, cluster: str, resource_version: str, seen_at: datetime) -> None:
        with writing(self._engine) as connection:
            row = {"cluster": bounded("cluster", cluster), "resource_version": resource_version, "seen_at": seen_at}
            upsert(connection, CURSORS, row)

    def last_seen(self, cluster: str) -> datetime | None:
        with reading(self._engine) as connection:
            at: datetime | None = connection.execute(
                select(CURSORS.c.seen_at).where(CURSORS.c.cluster == bounded("cluster", cluster))
            ).scalar()
            return at
