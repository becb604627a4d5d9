"""Questions about what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, Table, func, or_, select

from bot.domain.answers.causes import FailedJob
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure, Resolution
from bot.store import rows
from bot.store.scoped import within
from bot.store.storable import bounded, clean
from bot.store.tables import ATTEMPTS, FAILURES

_MILLISECOND = timedelta(milliseconds=1)


def projects(connection: Connection, scope: Scope) -> list[str]:
    """Names of the known projects in the scope, sorted."""
    found = {name for table in (ATTEMPTS, FAILURES) for name in connection.execute(_projects(table, scope)).scalars()}
    return sorted(found - {None})


def _projects(table: Table, scope: Scope) -> Select[Any]:
    """Each project once, by stepping through the index from one to the next: neither database does so by itself, and
    there are thousands of rows to a project."""
    first = select(func.min(table.c.project).label("project")).where(within(scope, table))
    step = first.cte("step", recursive=True)
    after = first.where(table.c.project > step.c.project).scalar_subquery()
    return select(step.union_all(select(after).where(step.c.project.is_not(None))).c.project)


def job_names(connection: Connection, scope: Scope, like: str, limit: int) -> list[str]:
    """Names of known jobs that contain `like`, in whatever case, newest first."""
    newest: dict[str, datetime] = {}
    for job, at in ((ATTEMPTS.c.job, ATTEMPTS.c.ended_at), (FAILURES.c.job_name, FAILURES.c.timestamp)):
        last = func.max(at)
        found = connection.execute(
            select(job, last)
            .where(job.icontains(clean(like), autoescape=True), within(scope, job.table))
            .group_by(job)
            .order_by(last.desc(), job)
            .limit(limit)
        )
        for name, seen in found:
            newest[name] = max(seen, newest.get(name, seen))
    return sorted(newest, key=lambda name: (newest[name], name), reverse=True)[:limit]


def job_attempts(connection: Connection, scope: Scope, job: str, limit: int) -> list[Attempt]:
    """The newest attempts of one job, oldest first."""
    of = ATTEMPTS.c
    newest = (
        select(ATTEMPTS)
        .where(of.job == bounded("job", job), within(scope, ATTEMPTS))
        .order_by(of.ended_at.desc(), of.id.desc())
        .limit(limit)
    )
    return [rows.attempt(row) for row in reversed(connection.execute(newest).mappings().all())]


def job_failures(connection: Connection, scope: Scope, job: str, limit: int) -> list[Failure]:
    """The newest failure events of one job, oldest first."""
    of = FAILURES.c
    newest = (
        select(FAILURES)
        .where(of.job_name == bounded("job", job), within(scope, FAILURES))
        .order_by(of.timestamp.desc(), of.id.desc())
        .limit(limit)
    )
    return [rows.failure(row) for row in reversed(connection.execute(newest).mappings().all())]


def failure(connection: Connection, scope: Scope, failure_id: int) -> Failure | None:
    """One failure event by its id, where the scope may see it."""
    found = connection.execute(select(FAILURES).where(FAILURES.c.id == failure_id, within(scope, FAILURES)))
    row = found.mappings().one_or_none()
    return None if row is None else rows.failure(row)


def failures_at(connection: Connection, scope: Scope, moments: Sequence[datetime], limit: int) -> list[Failure]:
    """The failure events that began within a millisecond from one of these times, newest first; without their logs and
    events. Their ids come first, moment by moment: asked for all at once, SQLite walks the whole table."""
    of = FAILURES.c
    ids: list[int] = []
    for moment in moments:
        then = select(of.id).where(of.timestamp >= moment, of.timestamp < moment + _MILLISECOND)
        ids += connection.execute(then.limit(limit - len(ids))).scalars()
    found = connection.execute(select(*rows.WITHOUT_TEXTS).where(of.id.in_(ids), within(scope, FAILURES))).mappings()
    return sorted(map(rows.failure, found), key=lambda one: (one.timestamp, one.id or 0), reverse=True)


def similar(
    connection: Connection, scope: Scope, period: Period, failure_type: str, signature: str | None
) -> tuple[int, int]:
    """How many (failures, jobs) of this cause the period has; without a signature, of the type at large."""
    of = FAILURES.c
    by_job = select(func.count().label("failures")).where(
        of.failure_type == bounded("failure_type", failure_type),
        of.timestamp >= period.since,
        of.timestamp < period.until,
        within(scope, FAILURES),
    )
    if signature is not None:
        by_job = by_job.where(of.signature == bounded("signature", signature))
    jobs = by_job.group_by(of.cluster, of.project, of.job_name).subquery()
    failures, count = connection.execute(
        select(func.coalesce(func.sum(jobs.c.failures), 0), func.count()).select_from(jobs)
    ).one()
    return int(failures), int(count)


def failed_jobs(connection: Connection, scope: Scope, period: Period) -> list[FailedJob]:
    """Each job that failed in the period and was not rescued by a retry, once for each cause; victims of a gang left
    out."""
    of = FAILURES.c
    lasted = or_(of.resolution.is_(None), of.resolution != Resolution.RETRIED.value)
    period_of = (of.timestamp >= period.since, of.timestamp < period.until)
    cause = func.coalesce(of.signature, of.failure_type)
    job = (of.job_name, of.cluster, of.project)
    found = connection.execute(
        select(cause, *job, func.max(of.owner), func.count())
        .where(*period_of, of.first_fault, lasted, within(scope, FAILURES))
        .group_by(cause, *job)
    )
    return [
        FailedJob(cause=why, job=name, cluster=cluster, project=project, owner=owner, failures=failures)
        for why, name, cluster, project, owner, failures in found
    ]


def owners(connection: Connection, scope: Scope, period: Period) -> list[tuple[str, str]]:
    """Whose jobs failed in which project: (owner, project), each pair once."""
    of = FAILURES.c
    these = (of.timestamp >= period.since, of.timestamp < period.until, of.owner.is_not(None), of.project.is_not(None))
    found = connection.execute(select(of.owner, of.project).distinct().where(*these, within(scope, FAILURES)))
    return [(owner, project) for owner, project in found]


def failure_types(connection: Connection, scope: Scope) -> list[str]:
    """The failure types ever recorded in the scope, most frequent first."""
    of = FAILURES.c
    counted = select(of.failure_type).where(within(scope, FAILURES)).group_by(of.failure_type)
    return list(connection.execute(counted.order_by(func.count().desc(), of.failure_type)).scalars())


def failures_like(
    connection: Connection, scope: Scope, failure_type: str, signature: str | None, limit: int
) -> list[Failure]:
    """The newest first faults of a cause, one for each job, newest first; without their logs and events, which are long
    and not what they are compared by."""
    of = FAILURES.c
    query = select(*rows.WITHOUT_TEXTS).where(
        of.failure_type == bounded("failure_type", failure_type), of.first_fault, within(scope, FAILURES)
    )
    if signature is not None:
        query = query.where(of.signature == bounded("signature", signature))
    found = connection.execute(query.order_by(of.timestamp.desc(), of.id.desc()).limit(limit)).mappings()
    newest: dict[tuple[str, str | None, str], Failure] = {}
    for failure in map(rows.failure, found):
        newest.setdefault((failure.cluster, failure.project, failure.job), failure)
    return list(newest.values())
