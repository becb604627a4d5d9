"""The specs of attempts that matter: of pods that failed, and of those that succeeded after their job's family had
failed. They are few, so that what most attempts cost is one look whether their family is among them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select, update

from bot.domain.failure import Failure
from bot.domain.knowledge.family import family
from bot.domain.knowledge.lesson import Trial
from bot.domain.knowledge.spec import SeenSpec, Spec
from bot.services.ports import News
from bot.store import rows
from bot.store.bulk import insert_all
from bot.store.chunks import chunks
from bot.store.storable import bounded, clean, storable
from bot.store.tables import FAILURES, SPECS

_OF = SPECS.c
_COLUMNS = (
    "cluster", "pod_uid", "project", "family", "job", "job_uid", "owner", "failed", "began_at", "ended_at", "spec"
)  # fmt: skip
_MOST_TRIALS = 200
"""The newest tries of a family that are looked at together."""
_RECENT = timedelta(days=30)
_LISTS = ("command", "pull_secrets", "volumes", "tolerations")
_PAIRS = ("env", "node_selector")

Place = tuple[str, str | None, str]


def wanted(connection: Connection, seen: Sequence[SeenSpec]) -> list[SeenSpec]:
    """Those to be kept: of pods that are not known yet, and failed or belong to a family that did."""
    places = {id(each): _place(each) for each in seen}
    failed = {places[id(each)] for each in seen if each.failed}
    failed |= _failed(connection, {places[id(each)] for each in seen} - failed)
    of_interest = [each for each in seen if each.failed or places[id(each)] in failed]
    known = _known(connection, of_interest)
    return [each for each in of_interest if (each.attempt.cluster, _uid(each)) not in known]


def record(connection: Connection, seen: Sequence[SeenSpec]) -> int:
    """Keep those that are wanted; how many. The connection is inside a writing transaction."""
    latest = {(each.attempt.cluster, _uid(each)): each for each in wanted(connection, seen)}
    if latest:
        insert_all(connection, SPECS, _COLUMNS, [_row(each) for each in latest.values()])
    return len(latest)


def unstudied(connection: Connection, limit: int) -> list[News]:
    """Families with tries that have not been studied."""
    families = (
        select(_OF.family, _OF.cluster, _OF.project)
        .where(_OF.studied_at.is_(None))
        .group_by(_OF.family, _OF.cluster, _OF.project)
        .order_by(func.min(_OF.id))
        .limit(limit)
    )
    return [_news(connection, row) for row in connection.execute(families).mappings().all()]


def studied(connection: Connection, ids: Iterable[int], at: datetime) -> None:
    """Note that these tries have been studied."""
    for some in chunks(sorted(ids)):
        connection.execute(update(SPECS).where(_OF.id.in_(some)).values(studied_at=at))


def _failed(connection: Connection, places: set[Place]) -> set[Place]:
    """Those of these families that have failed."""
    names = sorted({name for _, _, name in places})
    return {
        (row.cluster, row.project, row.family)
        for some in chunks(names)
        for row in connection.execute(
            select(_OF.cluster, _OF.project, _OF.family).where(_OF.family.in_(some), _OF.failed).distinct()
        )
    } & places


def _known(connection: Connection, seen: Sequence[SeenSpec]) -> set[tuple[str, str]]:
    return {
        (row.cluster, row.pod_uid)
        for some in chunks(sorted({_uid(each) for each in seen}))
        for row in connection.execute(select(_OF.cluster, _OF.pod_uid).where(_OF.pod_uid.in_(some)))
    }


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
    """The failure of each of these pods: of several, the first fault that was seen last."""
    of = FAILURES.c
    query = select(FAILURES).where(of.cluster == cluster, of.pod_uid.in_(pods)).order_by(of.first_fault, of.timestamp)
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


def _row(seen: SeenSpec) -> tuple[Any, ...]:
    of = storable(seen.attempt)
    began = of.created_at or of.started_at or of.ended_at
    place = _place(seen)
    return (
        of.cluster, of.pod_uid, of.project, place[2], of.job, of.job_uid, of.owner, seen.failed,
        began.astimezone(UTC), of.ended_at, _text(seen.spec),
    )  # fmt: skip


def _place(seen: SeenSpec) -> Place:
    of = seen.attempt
    project = None if of.project is None else bounded("project", of.project)
    return (bounded("cluster", of.cluster), project, bounded("job", family(of.job)))


def _uid(seen: SeenSpec) -> str:
    return bounded("pod_uid", seen.attempt.pod_uid)


def _text(spec: Spec) -> str:
    return clean(json.dumps({name: value for name, value in asdict(spec).items() if value}, ensure_ascii=True))


def _spec(text: str) -> Spec:
    said: dict[str, Any] = json.loads(text)
    known = {field.name for field in fields(Spec)}
    for name in _LISTS:
        said[name] = tuple(said.get(name, ()))
    for name in _PAIRS:
        said[name] = tuple((str(key), value) for key, value in said.get(name, ()))
    return Spec(**{name: value for name, value in said.items() if name in known})
