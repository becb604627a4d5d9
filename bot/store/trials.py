"""The tries of jobs that failed, in families, for what they teach."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, func, select, update

from bot.domain.knowledge.lesson import Trial
from bot.domain.knowledge.spec import WorkloadSpec
from bot.domain.workload.failure import Failure
from bot.services.knowledge.ports import News, Trials
from bot.store import rows
from bot.store.chunks import chunks
from bot.store.engine import reading, writing
from bot.store.tables import FAILURES, SPECS

_OF = SPECS.c
_MOST_TRIALS = 200
"""The newest tries of a family that are looked at together."""
_RECENT = timedelta(days=30)
_FIELDS = tuple(field.name for field in fields(WorkloadSpec))
_LISTS = ("command", "pull_secrets", "volumes", "tolerations")
_PAIRS = ("env", "node_selector")


class SqlTrials(Trials):
    """The tries of jobs that failed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def unstudied(self, limit: int) -> list[News]:
        with reading(self._engine) as connection:
            families = (
                select(_OF.family, _OF.cluster, _OF.project)
                .where(_OF.studied_at.is_(None))
                .group_by(_OF.family, _OF.cluster, _OF.project)
                .order_by(func.min(_OF.id))
                .limit(limit)
            )
            return [_news(connection, row) for row in connection.execute(families).mappings().all()]

    def studied(self, ids: Iterable[int], at: datetime) -> None:
        with writing(self._engine) as connection:
            for some in chunks(sorted(ids)):
                connection.execute(update(SPECS).where(_OF.id.in_(some)).values(studied_at=at))


def _news(connection: Connection, of: RowMapping) -> News:
    place = (_OF.family == of["family"], _OF.cluster == of["cluster"], _OF.project.is_not_distinct_from(of["project"]))
    ids = connection.execute(select(_OF.id).where(*place, _OF.studied_at.is_(None))).scalars().all()
    newest = connection.execute(select(func.max(_OF.ended_at)).where(*place)).scalar_one()
    tries = select(SPECS).where(*place, _OF.ended_at >= newest - _RECENT).order_by(_OF.ended_at.desc(), _OF.id.desc())
    found = connection.execute(tries.limit(_MOST_TRIALS)).mappings().all()
    failures = _failures(connection, of["cluster"], [row["pod_uid"] for row in found if row["failed"]])
    trials = (_trial(row, failures.get(row["pod_uid"])) for row in found)
    return News(tuple(trial for trial in trials if trial is not None), tuple(ids))


def _failures(connection: Connection, cluster: str, pods: Sequence[str]) -> dict[str, Failure]:
    """The failure of each of these pods, without logs and events: of several, the first fault that was seen last."""
    of = FAILURES.c
    query = select(*rows.WITHOUT_TEXTS).where(of.cluster == cluster, of.pod_uid.in_(pods))
    query = query.order_by(of.first_fault, of.timestamp)
    return {row["pod_uid"]: rows.failure(row) for row in connection.execute(query).mappings()}


def _trial(row: RowMapping, failure: Failure | None) -> Trial | None:
    if row["failed"] and failure is None:
        return None
    return Trial(
        cluster=row["cluster"],
        project=row["project"],
        job=row["job"],
        pod_uid=row["pod_uid"],
        began_at=row["began_at"],
        ended_at=row["ended_at"],
        spec=_spec(row["spec"]),
        owner=row["owner"],
        job_uid=row["job_uid"],
        failure=failure,
    )


def _spec(text: str) -> WorkloadSpec:
    said: dict[str, Any] = json.loads(text)
    for name in _LISTS:
        said[name] = tuple(said.get(name, ()))
    for name in _PAIRS:
        said[name] = tuple((str(key), value) for key, value in said.get(name, ()))
    return WorkloadSpec(**{name: value for name, value in said.items() if name in _FIELDS})
