"""Questions about what was recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, Table, func, or_, select

from bot.domain.answers.causes import FailedJob
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure, Resolution
from bot.services.knowledge.ports import History
from bot.store import rows
from bot.store.engine import reading
from bot.store.scoped import within
from bot.store.storable import bounded, clean
from bot.store.tables import ATTEMPTS, FAILURES


class SqlHistory(History):
    """What was recorded."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def projects(self, scope: Scope) -> list[str]:
        with reading(self._engine) as connection:
            found = {
                name for table in (ATTEMPTS, FAILURES) for name in connection.execute(_projects(table, scope)).scalars()
            }
            return sorted(found - {None})

    def job_names(self, scope: Scope, like: str, limit: int = 5) -> list[str]:
        with reading(self._engine) as connection:
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

    def job_attempts(self, scope: Scope, job: str, limit: int = 50) -> list[Attempt]:
        with reading(self._engine) as connection:
            of = ATTEMPTS.c
            newest = (
                select(ATTEMPTS)
                .where(of.job == bounded("job", job), within(scope, ATTEMPTS))
                .order_by(of.ended_at.desc(), of.id.desc())
                .limit(limit)
            )
            return [rows.attempt(row) for row in reversed(connection.execute(newest).mappings().all())]

    def job_failures(self, scope: Scope, job: str, limit: int = 50) -> list[Failure]:
        with reading(self._engine) as connection:
            of = FAILURES.c
            newest = (
                select(FAILURES)
                .where(of.job_name == bounded("job", job), within(scope, FAILURES))
                .order_by(of.timestamp.desc(), of.id.desc())
                .limit(limit)
            )
            return [rows.failure(row) for row in reversed(connection.execute(newest).mappings().all())]

    def failure(self, scope: Scope, failure_id: int) -> Failure | None:
        with reading(self._engine) as connection:
            found = connection.execute(select(FAILURES).where(FAILURES.c.id == failure_id, within(scope, FAILURES)))
            row = found.mappings().one_or_none()
            return None if row is None else rows.failure(row)

    def similar(self, scope: Scope, period: Period, failure_type: str, signature: str | None) -> tuple[int, int]:
        with reading(self._engine) as connection:
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

    def failed_jobs(self, scope: Scope, period: Period) -> list[FailedJob]:
        with reading(self._engine) as connection:
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

    def owners(self, scope: Scope, period: Period) -> list[tuple[str, str]]:
        with reading(self._engine) as connection:
            of = FAILURES.c
            these = (
                of.timestamp >= period.since,
                of.timestamp < period.until,
                of.owner.is_not(None),
                of.project.is_not(None),
            )
            found = connection.execute(select(of.owner, of.project).distinct().where(*these, within(scope, FAILURES)))
            return [(owner, project) for owner, project in found]

    def failure_types(self, scope: Scope) -> list[str]:
        with reading(self._engine) as connection:
            of = FAILURES.c
            counted = select(of.failure_type).where(within(scope, FAILURES)).group_by(of.failure_type)
            return list(connection.execute(counted.order_by(func.count().desc(), of.failure_type)).scalars())

    def failures_like(self, scope: Scope, failure_type: str, signature: str | None, limit: int = 300) -> list[Failure]:
        with reading(self._engine) as connection:
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


def _projects(table: Table, scope: Scope) -> Select[Any]:
    """Each project once, by stepping through the index from one to the next: neither database does so by itself, and
    there are thousands of rows to a project."""
    first = select(func.min(table.c.project).label("project")).where(within(scope, table))
    step = first.cte("step", recursive=True)
    after = first.where(table.c.project > step.c.project).scalar_subquery()
    return select(step.union_all(select(after).where(step.c.project.is_not(None))).c.project)
